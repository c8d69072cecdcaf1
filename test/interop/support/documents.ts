// Configuration documents for the suites, each a text of YAML.

export interface HandlerDocument {
  readonly name: string
  readonly adapter: string
  readonly address: string
  readonly params: unknown
  /** Further fields of the spec. */
  readonly more?: Readonly<Record<string, unknown>>
}

const namespace = 'istio-system'

/** A handler whose adapter is a process of its own. */
export function handler({ name, adapter, address, params, more = {} }: HandlerDocument): string {
  return document('handler', name, {
    compiledAdapter: adapter,
    placement: 'session',
    connection: { address },
    params,
    ...more,
  })
}

export function instance(name: string, template: string, params: unknown): string {
  return document('instance', name, { compiledTemplate: template, params })
}

/** A rule with one action. */
export function rule(
  name: string,
  match: string,
  [handlerName, ...instances]: readonly [string, ...string[]],
  more: Readonly<Record<string, unknown>> = {},
): string {
  return document('rule', name, { match, actions: [{ handler: handlerName, instances }], ...more })
}

/** JSON is YAML. */
export function document(kind: string, name: string, spec: unknown): string {
  return JSON.stringify({
    apiVersion: 'config.istio.io/v1alpha2',
    kind,
    metadata: { name, namespace },
    spec,
  })
}
