import type { FrameReader } from '../protocol/reader.js'
import { nearest } from '../templates/index.js'
import {
  type DocumentedField,
  type Field,
  type FieldOptions,
  found,
  invalid,
  type Kind,
  makeField,
  makeFieldWith,
  type Problems,
  type Resolved,
} from './field.js'
import { mapPath, memberPath, snakeCase } from './path.js'
import { readFields } from './wire.js'

/** The members of an object, by camelCase name. */
export type Members = Readonly<Record<string, Field<unknown>>>

/** What an object of these members gives. */
export type MembersOf<M extends Members> = {
  readonly [K in keyof M]: M[K] extends Field<infer T> ? T : never
}

/** Looks at a whole object, after its members were found good; `problem` notes what is wrong. */
export type WholeCheck<T> = (value: T, problem: (path: string, message: string) => void) => void

/** A kind that is an object, with what `oneOf` and the schema need of it. */
export interface ObjectKind<M extends Members> extends Kind<MembersOf<M>> {
  readonly readMessage: (reader: FrameReader, end: number) => Record<string, unknown>
  document(path: string): readonly DocumentedField[]
}

/** The kind of an object with these members. Unknown keys are problems. */
export function objectKind<M extends Members>(
  members: M,
  check: WholeCheck<MembersOf<M>> | undefined,
): ObjectKind<M> {
  const entries = Object.entries(members)
  const accepted = acceptedKeys(entries.map(([name]) => name))
  const readMessage = readFields(members)
  return {
    typeName: 'object',
    jsonSchema: {
      type: 'object',
      properties: Object.fromEntries(entries.map(([name, field]) => [name, field.jsonSchema])),
      additionalProperties: false,
    },
    resolve(raw, path, problems) {
      const noted = problems.list.length
      const given = givenMembers(raw, path, problems, accepted)
      if (given === invalid) return invalid
      const object = resolveMembers(members, given, path, problems, check)
      return problems.list.length > noted ? invalid : object
    },
    readMessage,
    wire: {
      wireTypes: [2],
      packable: false,
      gather: 'last',
      read: reader => readMessage(reader, reader.enter()),
      readBody: readMessage,
    },
    document: path =>
      entries.flatMap(([name, field]) => {
        const at = memberPath(path, name)
        const { typeName, defaultText, description } = field
        return [
          { path: at, type: typeName, default: defaultText, description },
          ...(field.document?.(at) ?? []),
        ]
      }),
  }
}

function resolveMembers<M extends Members>(
  members: M,
  given: ReadonlyMap<string, unknown>,
  path: string,
  problems: Problems,
  check: WholeCheck<MembersOf<M>> | undefined,
): Resolved<MembersOf<M>> {
  const noted = problems.list.length
  let whole = true
  const resolved: unknown[][] = []
  for (const [name, field] of Object.entries(members)) {
    const at = memberPath(path, name)
    const value = given.has(name) ? field.resolve(given.get(name), at, problems) : field.absent(at, problems)
    if (value === invalid) whole = false
    else resolved.push([name, value])
  }
  if (!whole || problems.list.length > noted) return invalid
  const object: MembersOf<M> = Object.fromEntries(resolved)
  check?.(object, (inner, message) => problems.note(joined(path, inner), message))
  return problems.list.length > noted ? invalid : object
}

function joined(path: string, inner: string): string {
  return inner === '' ? path : memberPath(path, inner)
}

/** Every spelling of a key that is taken, with the name it stands for. */
export function acceptedKeys(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.flatMap(name => [[name, name] as const, [snakeCase(name), name] as const]))
}

/**
 * The members that were given, by name; null counts as not given, as in protobuf's JSON form. Keys that are not known
 * are noted, and the rest is looked at all the same, so that one reading finds everything.
 */
export function givenMembers(
  raw: unknown,
  path: string,
  problems: Problems,
  accepted: ReadonlyMap<string, string>,
): Resolved<ReadonlyMap<string, unknown>> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return problems.note(path, `must be an object, not ${found(raw)}`)
  }
  const given = new Map<string, unknown>()
  for (const [key, value] of Object.entries(raw)) {
    const name = accepted.get(key)
    if (name === undefined) {
      const near = nearest(key, accepted.keys())
      problems.note(
        mapPath(path, key),
        near === undefined ? 'is not known' : `is not known; did you mean ${near}?`,
      )
    } else if (given.has(name)) {
      problems.note(mapPath(path, key), `is given twice, as ${name} and ${snakeCase(name)}`)
    } else if (value !== undefined && value !== null) given.set(name, value)
  }
  return given
}

export interface MessageOptions<T> extends FieldOptions {
  /** `true`: undefined when not given. Default: when not given, an object of its members' defaults. */
  readonly optional?: boolean
  readonly check?: WholeCheck<T>
}

/** An object inside the settings; what is given merges with the members' defaults field by field. */
export function message<const M extends Members>(
  members: M,
  options: MessageOptions<MembersOf<M>> & { readonly optional: true },
): Field<MembersOf<M> | undefined>
export function message<const M extends Members>(
  members: M,
  options?: MessageOptions<MembersOf<M>>,
): Field<MembersOf<M>>
export function message<const M extends Members>(
  members: M,
  options: MessageOptions<MembersOf<M>> = {},
): Field<MembersOf<M> | undefined> {
  const kind = objectKind(members, options.check)
  if (options.optional === true) return makeField<MembersOf<M>>(kind, { ...options, optional: true })
  return makeFieldWith(kind, options, (path, problems) => kind.resolve({}, path, problems))
}
