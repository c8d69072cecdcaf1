/** A handler of checks, with the name of the service whose requests go there. */
export interface Gate {
  /** Also the name of the destination service that its rule matches. */
  readonly name: string
  readonly addresses: readonly string[]
  /** YAML of the failure policy. Default: `caller`. */
  readonly policy?: string
  /** Default: 10s, so that a busy machine is not taken for a failing adapter. */
  readonly deadline?: string
  /** More fields of the handler, as YAML in braces or one a line. */
  readonly more?: string
}

/** The handler that takes reports. */
export interface Ledger {
  readonly addresses: readonly string[]
  readonly deadline?: string
  /** Reports that may wait. Default: 100,000. */
  readonly maxQueued?: number
  readonly more?: string
}

function connection(addresses: readonly string[]): string {
  return `{addresses: [${addresses.map(address => `"${address}"`).join(', ')}]}`
}

const head = (kind: string, name: string) =>
  `apiVersion: config.istio.io/v1alpha2\nkind: ${kind}\nmetadata: {name: ${name}, namespace: istio-system}\nspec:\n`

function indented(more: string): string {
  return more === '' ? '' : `${more.replace(/^/gm, '  ')}\n`
}

export function gateYaml({ name, addresses, policy = 'caller', deadline = '10s', more = '' }: Gate): string {
  const handler = /(^|\n)connection:/.test(more) ? '' : `  connection: ${connection(addresses)}\n`
  return [
    `${head('handler', name)}${handler}  failurePolicy: ${policy}\n  deadline: ${deadline}\n${indented(more)}`,
    `${head('rule', name)}  match: destination.service.name == "${name}"\n  actions: [{handler: ${name}, instances: [path]}]\n`,
  ].join('---\n')
}

export function ledgerYaml({ addresses, deadline = '20s', maxQueued = 100_000, more = '' }: Ledger): string {
  const handler = /(^|\n)connection:/.test(more) ? '' : `  connection: ${connection(addresses)}\n`
  const report = `  report: {maxItems: 20, maxAge: 50ms, maxQueued: ${maxQueued}}\n`
  return [
    `${head('handler', 'ledger')}${handler}  deadline: ${deadline}\n${report}${indented(more)}`,
    `${head('instance', 'entry')}  compiledTemplate: metric\n  params: {value: "1", dimensions: {id: request.id}}\n`,
    `${head('rule', 'ledger')}  match: destination.service.name == "ledger"\n  actions: [{handler: ledger, instances: [entry]}]\n`,
  ].join('---\n')
}

/** A whole configuration. */
export function configYaml(gates: readonly Gate[], ledger: Ledger): string {
  return [
    `${head('instance', 'path')}  compiledTemplate: listentry\n  params: {value: request.path}\n`,
    ...gates.map(gateYaml),
    ledgerYaml(ledger),
  ].join('---\n')
}
