import { Buffer } from 'node:buffer'
import { FrameReader } from '../protocol/reader.js'
import { type Field, type FieldOptions, found, invalid, type Kind, makeField } from './field.js'
import { acceptedKeys, givenMembers, type Members } from './message.js'
import { memberPath } from './path.js'
import { readFields } from './wire.js'

/** The alternative that was given, and its value. */
export type Alternative<M extends Members> = {
  readonly [K in Extract<keyof M, string>]: {
    readonly kind: K
    readonly value: M[K] extends Field<infer T> ? T : never
  }
}[Extract<keyof M, string>]

export interface OneOfOptions extends FieldOptions {
  /** `true`: undefined when not given. Default: it is required. */
  readonly optional?: boolean
}

/** An object that holds exactly one of several members, as a protobuf message with one `oneof` does. */
export function oneOf<const M extends Members>(
  alternatives: M,
  options: OneOfOptions & { readonly optional: true },
): Field<Alternative<M> | undefined>
export function oneOf<const M extends Members>(alternatives: M, options?: OneOfOptions): Field<Alternative<M>>
export function oneOf<const M extends Members>(
  alternatives: M,
  options: OneOfOptions = {},
): Field<Alternative<M> | undefined> {
  const names = Object.keys(alternatives)
  const accepted = acceptedKeys(names)
  const readMessage = readFields(alternatives)
  const kind: Kind<Alternative<M>> = {
    typeName: `one of ${names.join(', ')}`,
    jsonSchema: {
      type: 'object',
      properties: Object.fromEntries(names.map(name => [name, alternatives[name]?.jsonSchema])),
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
    },
    resolve(raw, path, problems) {
      const noted = problems.list.length
      const given = givenMembers(raw, path, problems, accepted)
      if (given === invalid || problems.list.length > noted) return invalid
      const [only, ...more] = given.keys()
      const field = only === undefined ? undefined : alternatives[only]
      if (only === undefined || field === undefined) {
        return problems.note(path, `must have one of ${names.join(', ')}`)
      }
      if (more.length > 0) {
        return problems.note(
          path,
          `must have only one of ${names.join(', ')}, not ${[...given.keys()].join(' and ')}`,
        )
      }
      const value = field.resolve(given.get(only), memberPath(path, only), problems)
      if (value === invalid) return invalid
      const chosen: Alternative<M> = Object.fromEntries(tagged(only, value))
      return chosen
    },
    wire: {
      wireTypes: [2],
      packable: false,
      gather: 'last',
      read: reader => readMessage(reader, reader.enter()),
      readBody: readMessage,
    },
    document: path =>
      names.flatMap(name => {
        const field = alternatives[name]
        if (field === undefined) return []
        const at = memberPath(path, name)
        const own = { path: at, type: field.typeName, default: '', description: field.description }
        return [own, ...(field.document?.(at) ?? [])]
      }),
  }
  return makeField(kind, options)
}

/** A value of one of several types, by full name; types that are not listed are kept as they came. */
export type AnyOf<M extends Members> =
  | Alternative<M>
  | { readonly kind: 'unknown'; readonly typeUrl: string; readonly value: unknown }

const urlPrefix = 'type.googleapis.com/'

/**
 * `google.protobuf.Any` of known types: `{"@type": "type.googleapis.com/<full name>", …fields}`.
 * @param types messages by full name.
 */
export function any<const M extends Members>(types: M, options: FieldOptions = {}): Field<AnyOf<M>> {
  const names = Object.keys(types)
  const kind: Kind<AnyOf<M>> = {
    typeName: `any of ${names.join(', ')}`,
    jsonSchema: { type: 'object', properties: { '@type': { type: 'string' } }, required: ['@type'] },
    resolve(raw, path, problems) {
      if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
        return problems.note(path, `must be an object with "@type", not ${found(raw)}`)
      }
      const { '@type': typeUrl, ...rest } = Object.fromEntries(Object.entries(raw))
      if (typeof typeUrl !== 'string') return problems.note(path, 'must have "@type"')
      const name = typeUrl.startsWith(urlPrefix) ? typeUrl.slice(urlPrefix.length) : typeUrl
      const field = Object.hasOwn(types, name) ? types[name] : undefined
      if (field === undefined) return { kind: 'unknown', typeUrl, value: rest }
      const value = field.resolve(rest, path, problems)
      if (value === invalid) return invalid
      const known: Alternative<M> = Object.fromEntries(tagged(name, value))
      return known
    },
    wire: {
      wireTypes: [2],
      packable: false,
      gather: 'last',
      read: reader => readAny(reader, types),
    },
  }
  const made: Field<AnyOf<M> | undefined> = makeField(kind, options)
  return { ...made, resolve: kind.resolve, absent: (path, problems) => problems.note(path, 'is required') }
}

function readAny(reader: FrameReader, types: Members): Record<string, unknown> {
  let typeUrl = ''
  let value: Uint8Array = new Uint8Array(0)
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 10) typeUrl = reader.string()
    else if (key === 18) value = reader.bytes()
    else reader.skip(key)
  }
  reader.leave(end)
  const name = typeUrl.slice(typeUrl.lastIndexOf('/') + 1)
  const form = Object.hasOwn(types, name) ? types[name]?.wire : undefined
  if (form?.readBody === undefined) return { '@type': typeUrl, value: Buffer.from(value).toString('base64') }
  return { ...form.readBody(new FrameReader(value), value.length), '@type': typeUrl }
}

/** The entries of an alternative. Which of them belong together is what its callers have just looked up. */
function tagged(kind: string, value: unknown): unknown[][] {
  return [
    ['kind', kind],
    ['value', value],
  ]
}
