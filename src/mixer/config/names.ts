/** The kinds that a reference can stand for. */
export type ReferenceKind = 'handler' | 'instance' | 'template' | 'adapter'

/**
 * The identities that a written reference may mean, first hit wins. Source: reference config, section 2.
 *
 * - `a`: `a.<kind>.<namespace>`
 * - `a.b`: `a.b.<namespace>` (b as an older kind), then `a.<kind>.b` (b as a namespace)
 * - more dots: as it stands
 */
export function identitiesOf(reference: string, kind: ReferenceKind, namespace: string): readonly string[] {
  const parts = reference.split('.')
  if (parts.length === 1) return [`${reference}.${kind}.${namespace}`]
  if (parts.length === 2) return [`${reference}.${namespace}`, `${parts[0]}.${kind}.${parts[1]}`]
  return [reference]
}

/** What a reference means among some resources by identity. */
export function resolve<T>(
  reference: string,
  kind: ReferenceKind,
  namespace: string,
  among: ReadonlyMap<string, T>,
): T | undefined {
  for (const identity of identitiesOf(reference, kind, namespace)) {
    const found = among.get(identity)
    if (found !== undefined) return found
  }
  return undefined
}

/** How a resource could be written where a reference stands, for "did you mean": short in its own namespace. */
export function shortestReference(identity: string, kind: ReferenceKind, namespace: string): string {
  const own = `.${kind}.${namespace}`
  if (identity.endsWith(own)) return identity.slice(0, -own.length)
  return identity.endsWith(`.${namespace}`) ? identity.slice(0, -namespace.length - 1) : identity
}
