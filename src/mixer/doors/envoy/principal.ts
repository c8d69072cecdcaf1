/** Who a peer is, as its certificate says. */
export interface Principal {
  /** Without `spiffe://`, as Istio's proxy gave it. */
  readonly name: string
  /** From the SPIFFE form `<trust domain>/ns/<namespace>/sa/<service account>`; undefined otherwise. */
  readonly namespace: string | undefined
  readonly serviceAccount: string | undefined
}

const scheme = 'spiffe://'

/** Reads a principal; undefined for an empty one. Source: reference wire-envoy-auth, section 7. */
export function readPrincipal(text: string): Principal | undefined {
  if (text === '') return undefined
  const name = text.startsWith(scheme) ? text.slice(scheme.length) : text
  const [, namespaceWord, namespace, accountWord, serviceAccount, ...more] = name.split('/')
  const istio = namespaceWord === 'ns' && accountWord === 'sa' && more.length === 0
  return {
    name,
    namespace: istio ? namespace : undefined,
    serviceAccount: istio ? serviceAccount : undefined,
  }
}
