import type { HeaderOperation } from '@outboard/adapters-sdk'
import type { StringMap } from '../../attributes/index.js'
import type { WireWriter } from '../wire/writer.js'

/** What becomes of one header after all operations on it. */
interface Final {
  /** `kept`: values are added to what the request has. */
  readonly base: 'kept' | 'replaced' | 'removed'
  readonly values: readonly string[]
}

/**
 * The operations on the request, reduced to one outcome for each header. Envoy applies all sets and appends before
 * all removals, so operations cannot be passed on one by one.
 */
export function finalHeaders(operations: readonly HeaderOperation[]): ReadonlyMap<string, Final> {
  const finals = new Map<string, Final>()
  for (const { on, operation, name, value } of operations) {
    if (on !== 'request') continue
    const before = finals.get(name) ?? { base: 'kept', values: [] }
    if (operation === 'replace') finals.set(name, { base: 'replaced', values: [value] })
    else if (operation === 'remove') finals.set(name, { base: 'removed', values: [] })
    else
      finals.set(name, {
        base: before.base === 'removed' ? 'replaced' : before.base,
        values: [...before.values, value],
      })
  }
  return finals
}

/** `HeaderAppendAction`. */
const appendIfExistsOrAdd = 0
const overwriteIfExistsOrAdd = 2

/**
 * Writes a HeaderValueOption. Both `append` and `append_action` are always there: versions of Envoy differ in which
 * of them they obey. Source: reference wire-envoy-auth, 4.2.
 */
function writeOption(
  writer: WireWriter,
  field: number,
  name: string,
  value: string,
  mode: 'set' | 'append',
): void {
  const option = writer.mark()
  writer.uint32(3, mode === 'set' ? overwriteIfExistsOrAdd : appendIfExistsOrAdd)
  const append = writer.mark()
  if (mode === 'append') writer.uint32(1, 1)
  writer.nested(2, append)
  const header = writer.mark()
  if (value !== '') writer.string(2, value)
  writer.string(1, name)
  writer.nested(1, header)
  writer.nested(field, option)
}

/** Writes the request's headers of an OkHttpResponse: sets and appends (2), removals (5). */
export function writeRequestHeaders(
  writer: WireWriter,
  operations: readonly HeaderOperation[],
  requestHeaders: StringMap | undefined,
): void {
  const finals = [...finalHeaders(operations)].reverse()
  for (const [name, { base }] of finals) if (base === 'removed') writer.string(5, name)
  for (const [name, { base, values }] of finals) {
    for (let i = values.length - 1; i >= 0; i--) {
      // An append to a header that is not there would be lost by older versions: the first value is set.
      const set = i === 0 && (base === 'replaced' || requestHeaders?.has(name) !== true)
      writeOption(writer, 2, name, values[i]!, set ? 'set' : 'append')
    }
  }
}

/** Writes the operations on the response of an allowed request. Envoy has nothing for `remove`: it is left out. */
export function writeResponseHeaders(
  writer: WireWriter,
  field: number,
  operations: readonly HeaderOperation[],
): void {
  for (let i = operations.length - 1; i >= 0; i--) {
    const { on, operation, name, value } = operations[i]!
    if (on !== 'response' || operation === 'remove') continue
    writeOption(writer, field, name, value, operation === 'replace' ? 'set' : 'append')
  }
}

/**
 * Writes the operations on the headers of a DeniedHttpResponse, all as sets: Envoy removes every header named there
 * from its own answer, then adds all of them, so that two cookies arrive as two lines. An append it drops: the answer
 * has no such header yet. Hence what a later operation replaces is left out here.
 */
export function writeDeniedHeaders(
  writer: WireWriter,
  field: number,
  operations: readonly HeaderOperation[],
): void {
  const replaced = new Set<string>()
  for (let i = operations.length - 1; i >= 0; i--) {
    const { on, operation, name, value } = operations[i]!
    if (on !== 'response' || replaced.has(name)) continue
    if (operation !== 'append') replaced.add(name)
    if (operation !== 'remove') writeOption(writer, field, name, value, 'set')
  }
}

/** Writes headers that are simply set. */
export function writeSetHeaders(
  writer: WireWriter,
  field: number,
  headers: readonly (readonly [name: string, value: string])[],
): void {
  for (const [name, value] of [...headers].reverse()) writeOption(writer, field, name, value, 'set')
}
