import type { FrameReader } from '../protocol/reader.js'
import type { Kind, WireForm } from './field.js'

/** Nested messages and lists gathered from one `adapter_config`; more is refused. */
const maxElements = 1_000_000

interface Carried {
  readonly name: string
  readonly form: WireForm
}

/**
 * How a message of these members is read from the protobuf wire into a raw object for `resolve`: what is on the wire
 * is given, what is not is absent. Unknown fields are stepped over, as everywhere in protobuf; where no member has a number,
 * every field is unknown, and a message that holds any is refused: it says what this adapter could never hear.
 */
export function readFields(
  members: Readonly<Record<string, Kind<unknown> & { readonly number: number | undefined }>>,
): (reader: FrameReader, end: number) => Record<string, unknown> {
  const carried = new Map<number, Carried>()
  const count = Object.keys(members).length
  for (const [name, field] of Object.entries(members)) {
    if (field.number !== undefined && field.wire !== undefined) {
      carried.set(field.number, { name, form: field.wire })
    }
  }
  return (reader, end) => {
    const scalars = new Map<string, unknown>()
    const lists = new Map<string, unknown[]>()
    let elements = 0
    while (reader.at < end) {
      const key = reader.key()
      const wireType = key & 7
      const field = carried.get(key >>> 3)
      if (++elements > maxElements) throw reader.malformed('too many elements')
      if (field === undefined) {
        if (carried.size === 0 && count > 0)
          throw reader.malformed(`field ${key >>> 3}: no setting here has a number`)
        reader.skip(key)
      } else if (field.form.gather === 'last') {
        if (field.form.wireTypes.includes(wireType))
          scalars.set(field.name, field.form.read(reader, wireType))
        else throw reader.malformed(`${field.name} with wire type ${wireType}`)
      } else {
        const gathered = lists.get(field.name) ?? []
        lists.set(field.name, gathered)
        readRepeated(reader, field, wireType, gathered)
      }
    }
    reader.leave(end)
    const raw: [string, unknown][] = [...scalars]
    for (const { name, form } of carried.values()) {
      const gathered = lists.get(name)
      if (gathered !== undefined) raw.push([name, form.gather === 'map' ? asMap(gathered) : gathered])
    }
    return Object.fromEntries(raw)
  }
}

function readRepeated(reader: FrameReader, { name, form }: Carried, wireType: number, into: unknown[]): void {
  if (form.wireTypes.includes(wireType)) {
    into.push(form.read(reader, wireType))
    return
  }
  const packed = form.packable && wireType === 2 ? form.wireTypes[0] : undefined
  if (packed === undefined) throw reader.malformed(`${name} with wire type ${wireType}`)
  const end = reader.enter()
  while (reader.at < end) into.push(form.read(reader, packed))
  reader.leave(end)
}

function asMap(pairs: readonly unknown[]): Record<string, unknown> {
  const entries: [string, unknown][] = []
  for (const pair of pairs) if (Array.isArray(pair)) entries.push([String(pair[0]), pair[1]])
  return Object.fromEntries(entries)
}
