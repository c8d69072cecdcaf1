import type { SettingsProblem } from '../errors.js'
import type { FrameReader } from '../protocol/reader.js'

/** What a field resolves to when something is wrong with it; the problem has been noted. */
export const invalid = Symbol('invalid setting')

/** A resolved value, or the mark that there is none. */
export type Resolved<T> = T | typeof invalid

/** Problems noted in one list; bounded, so that a hostile document cannot make it long. */
export const maxProblems = 100

/** Gathers problems with their paths. */
export class Problems {
  readonly list: SettingsProblem[] = []

  /** Notes a problem, and gives the mark to return. */
  note(path: string, message: string): typeof invalid {
    if (this.list.length < maxProblems) this.list.push({ path, message })
    return invalid
  }
}

/** How a field's occurrences on the protobuf wire become raw, JSON-like values. */
export interface WireForm {
  /** The wire types that one occurrence may have. */
  readonly wireTypes: readonly number[]
  /** `true`: repeated ones may be packed. */
  readonly packable: boolean
  /** `repeated` and `map` fields gather their occurrences. */
  readonly gather: 'last' | 'list' | 'map'
  /** Reads one occurrence; for `map` a pair. */
  read(reader: FrameReader, wireType: number): unknown
  /** Messages only: reads one without its length. */
  readBody?(reader: FrameReader, end: number): Record<string, unknown>
}

/** One line of the documentation table. */
export interface DocumentedField {
  readonly path: string
  readonly type: string
  /** Empty: none. */
  readonly default: string
  readonly description: string
}

/** A kind of setting: what it takes, gives, and says of itself. */
export interface Kind<T> {
  /** For people: `duration`, `list of string`. */
  readonly typeName: string
  readonly jsonSchema: Readonly<Record<string, unknown>>
  /** Checks a value that was given (neither undefined nor null). */
  resolve(raw: unknown, path: string, problems: Problems): Resolved<T>
  readonly wire: WireForm | undefined
  /** The fields inside, for the documentation table. */
  document?(path: string): readonly DocumentedField[]
}

/** A kind together with what happens when nothing is given. */
export interface Field<T> extends Kind<T> {
  readonly description: string
  /** The protobuf field number; undefined: not carried by the unary services. */
  readonly number: number | undefined
  readonly defaultText: string
  /** What holds when nothing was given. */
  absent(path: string, problems: Problems): Resolved<T>
}

/** What every builder can be told. */
export interface FieldOptions {
  /** One sentence for the documentation. Default: none. */
  readonly description?: string
  /** The field's number in the adapter's protobuf `Params` message. Default: not carried there. */
  readonly field?: number
}

/** Options of a field that has a default, is optional, or (neither) is required. */
export interface Presence<T> extends FieldOptions {
  /** Holds when nothing is given. */
  readonly default?: T
  /** `true`: undefined when nothing is given. */
  readonly optional?: boolean
}

/** The settings that a schema or a field gives. */
export type SettingsOf<S> = S extends { resolve(raw: unknown): infer R }
  ? R extends { readonly settings: infer T }
    ? T
    : never
  : S extends Field<infer T>
    ? T
    : never

/** A field of a kind, with its presence. */
export function makeField<T>(kind: Kind<T>, options: Presence<T>): Field<T | undefined> {
  const initial = options.default
  return {
    ...described(kind, options, initial === undefined ? '' : textOf(initial)),
    absent(path, problems) {
      if (initial !== undefined || options.optional === true) return initial
      return problems.note(path, 'is required')
    },
  }
}

/**
 * A field of a kind whose values are also what it takes, so that its default can be checked as a value that was given.
 * @throws {TypeError} when the default is none that the kind would take
 */
export function makeChecked<T>(kind: Kind<T>, options: Presence<T>): Field<T | undefined> {
  const { default: initial } = options
  if (initial !== undefined) {
    const problems = new Problems()
    kind.resolve(initial, '', problems)
    refuseDefault(kind, problems)
  }
  return makeField(kind, options)
}

/** @throws {TypeError} when a default has problems */
function refuseDefault(kind: Kind<unknown>, { list: [first] }: Problems): void {
  if (first !== undefined) throw new TypeError(`The default of a setting (${kind.typeName}) ${first.message}`)
}

/** A field of a kind that holds a value of its own when nothing is given. */
export function makeFieldWith<T>(kind: Kind<T>, options: FieldOptions, absent: Field<T>['absent']): Field<T> {
  return { ...described(kind, options, ''), absent }
}

function described<T>(kind: Kind<T>, options: FieldOptions, defaultText: string) {
  const { typeName, wire, document } = kind
  const description = options.description ?? ''
  const jsonSchema: Record<string, unknown> = { ...kind.jsonSchema }
  if (description !== '') jsonSchema.description = description
  if (defaultText !== '') jsonSchema.default = JSON.parse(defaultText)
  return {
    typeName,
    jsonSchema,
    wire,
    description,
    number: options.field,
    defaultText,
    resolve: (raw: unknown, path: string, problems: Problems) => kind.resolve(raw, path, problems),
    ...(document && { document: (path: string) => document.call(kind, path) }),
  }
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? v.toString() : v)) ?? ''
}

/** What was found, for a message: its type and, when short, its text. */
export function found(raw: unknown): string {
  if (Array.isArray(raw)) return 'a list'
  if (typeof raw === 'object') return 'an object'
  const text = typeof raw === 'string' ? JSON.stringify(raw) : String(raw)
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}
