import type { EntryType } from './entries.js'

/** A provider's answer that is not a list. */
export class BodyError extends Error {
  override readonly name = 'BodyError'
  readonly code = 'LIST_BODY_INVALID'
}

/**
 * The entries in a provider's answer: one a line (LF; empty lines are left out, nothing is trimmed), or for addresses
 * the list under `whitelist` of a YAML document, whatever the list is used for.
 * @throws {BodyError} when the YAML is not such a document.
 */
export async function entriesOfBody(type: EntryType, body: string): Promise<readonly string[]> {
  if (type !== 'IP_ADDRESSES') return body.split('\n').filter(line => line !== '')
  const { parse } = await import('yaml')
  const document = readYaml(() => parse(body, { logLevel: 'error' }))
  // An empty document is an empty list, as it is upstream.
  if (document === null || document === undefined) return []
  if (typeof document !== 'object' || Array.isArray(document)) {
    throw new BodyError('expected a YAML mapping with the key "whitelist"')
  }
  const list = 'whitelist' in document ? document.whitelist : []
  if (list === null) return []
  if (!Array.isArray(list)) throw new BodyError('expected "whitelist" to be a list of addresses')
  return list.map((entry: unknown, index) => {
    if (typeof entry !== 'string') throw new BodyError(`expected text at whitelist[${index}]`)
    return entry
  })
}

function readYaml(parse: () => unknown): unknown {
  try {
    return parse()
  } catch (cause) {
    throw new BodyError(`not YAML: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
