import type { ConfigCode } from '../codes.js'
import { didYouMean } from '../nearest.js'
import type { Reporter } from '../report.js'
import { camelCase, describe, type MapNode, type Node, snakeCase } from '../source/node.js'
import type { Place } from '../source/place.js'
import { goDurationMs, protoDurationMs } from './duration.js'

/** A value and where it was written. */
export interface Located<T> {
  readonly value: T
  readonly place: Place
}

/** Both spellings of each field's name, kept: there are few names and many documents. */
const spellings = new Map<string, { readonly camel: string; readonly snake: string }>()

function spellingsOf(name: string): { readonly camel: string; readonly snake: string } {
  let both = spellings.get(name)
  if (both === undefined) {
    const snake = snakeCase(name)
    both = { camel: camelCase(snake), snake }
    spellings.set(name, both)
  }
  return both
}

/** The bounds of an integer field. */
export interface IntegerRange {
  readonly min: number
  readonly max: number
}

/**
 * Reads one message from a map, strictly, as protobuf's JSON form is read: both spellings of a field's name, an
 * explicit null as absence, and every key must be known. Ask for all fields, then call {@link done}.
 * What is wrong is reported, and then reads as absent.
 */
export class MessageReader {
  readonly #known: string[] = []
  /** Keys that were asked for and are there. */
  #found = 0

  constructor(
    readonly node: MapNode,
    readonly report: Reporter,
    /** What the message is, for messages: `rule`, `connection`. */
    private readonly what: string,
  ) {}

  /** The value of a field in either spelling; undefined when it is absent or null. */
  field(name: string): Node | undefined {
    const { camel, snake } = spellingsOf(name)
    const isNew = !this.#known.includes(camel)
    const one = this.node.entries.get(camel)
    const other = camel === snake ? undefined : this.node.entries.get(snake)
    if (isNew) {
      this.#known.push(camel)
      this.#found += (one === undefined ? 0 : 1) + (other === undefined ? 0 : 1)
    }
    if (isNew && one !== undefined && other !== undefined)
      this.report.problem(
        'CONFIG_DUPLICATE_KEY',
        other.keyPlace,
        `Cannot read the ${this.what}: found both "${camel}" and "${snake}", which are one field`,
        'keep one of the two',
      )
    const value = (one ?? other)?.value
    return value?.kind === 'scalar' && value.value === null ? undefined : value
  }

  text(name: string): Located<string> | undefined {
    const node = this.field(name)
    return node === undefined ? undefined : readText(node, this.report, this.#path(name))
  }

  /** A text that must be there and not be empty. */
  requiredText(name: string, mend: string): Located<string> | undefined {
    const node = this.field(name)
    if (node === undefined) this.missing(name, mend)
    const text = node && readText(node, this.report, this.#path(name))
    if (text?.value === '') this.missing(name, mend)
    return text?.value === '' ? undefined : text
  }

  missing(name: string, mend: string): void {
    this.report.problem(
      'CONFIG_MISSING_FIELD',
      this.node.place,
      `Cannot read the ${this.what}: found no ${camelCase(name)}`,
      mend,
    )
  }

  flag(name: string): boolean | undefined {
    const node = this.field(name)
    if (node === undefined) return undefined
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value
    this.#wrong(node, name, 'true or false')
    return undefined
  }

  /** A number, or its decimal text, as protobuf's JSON form allows. */
  integer(name: string, { min, max }: IntegerRange): number | undefined {
    const node = this.field(name)
    if (node === undefined) return undefined
    const raw = node.kind === 'scalar' ? node.value : undefined
    const value =
      typeof raw === 'number'
        ? raw
        : typeof raw === 'string' && /^-?\d{1,15}$/.test(raw)
          ? Number(raw)
          : undefined
    if (value !== undefined && Number.isInteger(value) && value >= min && value <= max) return value
    const [code, wanted]: [ConfigCode, string] =
      value === undefined ? ['CONFIG_WRONG_TYPE', 'a whole number'] : ['CONFIG_BAD_VALUE', `${min} to ${max}`]
    this.#wrong(node, name, wanted, code)
    return undefined
  }

  /** Milliseconds, from protobuf's JSON form (`5s`, `0.25s`). Not negative. */
  protoDuration(name: string): Located<number> | undefined {
    return this.#duration(name, protoDurationMs, 'a duration in seconds such as 5s or 0.25s')
  }

  /** Milliseconds, from Go's form (`250ms`, `1m30s`). Not negative. */
  duration(name: string): Located<number> | undefined {
    return this.#duration(name, goDurationMs, 'a duration such as 250ms or 1m30s')
  }

  /** An enum by name, or by number where numbers are given (the index in `names`, a gap is undefined). */
  choice<Name extends string>(name: string, names: readonly Name[]): Name | undefined {
    const node = this.field(name)
    return node === undefined ? undefined : this.choose(node, name, names)
  }

  choose<Name extends string>(node: Node, name: string, names: readonly Name[]): Name | undefined {
    const value = node.kind === 'scalar' ? node.value : undefined
    if (typeof value === 'number' && names[value] !== undefined) return names[value]
    const found = names.find(known => known === value)
    if (found !== undefined) return found
    const known = names.filter(each => !each.endsWith('_UNSPECIFIED'))
    const hint = typeof value === 'string' ? didYouMean(value, known) : ''
    this.report.problem(
      'CONFIG_BAD_ENUM',
      node.place,
      `Cannot read ${this.#path(name)}: found ${describe(node)}, wanted one of ${known.join(', ')}${hint}`,
      `write one of ${known.join(', ')}`,
    )
    return undefined
  }

  message<T>(name: string, read: (reader: MessageReader) => T): T | undefined {
    const node = this.field(name)
    return node === undefined ? undefined : readMessage(node, this.report, this.#path(name), read)
  }

  /** The items of a list; empty when the field is absent. */
  list<T>(name: string, read: (node: Node, index: number) => T | undefined): T[] {
    const node = this.field(name)
    if (node === undefined) return []
    if (node.kind !== 'list') {
      this.#wrong(node, name, 'a list')
      return []
    }
    return node.items.map(read).filter(item => item !== undefined)
  }

  texts(name: string): Located<string>[] {
    return this.list(name, node => readText(node, this.report, this.#path(name)))
  }

  messages<T>(name: string, read: (reader: MessageReader) => T): T[] {
    return this.list(name, node => readMessage(node, this.report, this.#path(name), read))
  }

  /** The entries of a map with any keys; empty when the field is absent. */
  entries(name: string): [key: string, place: Place, value: Node][] {
    const node = this.field(name)
    if (node === undefined) return []
    if (node.kind !== 'map') {
      this.#wrong(node, name, 'a map')
      return []
    }
    return [...node.entries].map(([key, { keyPlace, value }]) => [key, keyPlace, value])
  }

  textMap(name: string): Map<string, string> {
    return new Map(
      this.entries(name).flatMap(([key, , node]): [string, string][] => {
        const text = readText(node, this.report, this.#path(name))
        return text === undefined ? [] : [[key, text.value]]
      }),
    )
  }

  /** Reports two fields of which at most one may be given. */
  exclusive(first: { place: Place } | undefined, second: { place: Place } | undefined, names: string): void {
    if (first === undefined || second === undefined) return
    this.report.problem(
      'CONFIG_CONFLICTING_FIELDS',
      second.place,
      `Cannot read the ${this.what}: found both ${names}; wanted one of them`,
      'keep one of the two',
    )
  }

  /** Every key that was not asked for is unknown. */
  done(): void {
    if (this.#found === this.node.entries.size) return
    const known = new Set(this.#known.flatMap(name => [name, snakeCase(name)]))
    for (const [key, { keyPlace }] of this.node.entries) {
      if (known.has(key)) continue
      this.report.problem(
        'CONFIG_UNKNOWN_FIELD',
        keyPlace,
        `Cannot read the ${this.what}: found the unknown field "${key}"; known: ${this.#known.join(', ')}${didYouMean(key, this.#known)}`,
        'correct the spelling, or remove the field',
      )
    }
  }

  #duration(
    name: string,
    parse: (text: string) => number | undefined,
    wanted: string,
  ): Located<number> | undefined {
    const node = this.field(name)
    if (node === undefined) return undefined
    const text = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined
    const value = text === undefined ? undefined : parse(text)
    if (value !== undefined && value >= 0) return { value, place: node.place }
    this.#wrong(
      node,
      name,
      `${wanted}, not negative`,
      text === undefined ? 'CONFIG_WRONG_TYPE' : 'CONFIG_BAD_VALUE',
    )
    return undefined
  }

  #path(name: string): string {
    return `${this.what}.${camelCase(name)}`
  }

  #wrong(node: Node, name: string, wanted: string, code: ConfigCode = 'CONFIG_WRONG_TYPE'): void {
    wrong(node, this.report, this.#path(name), wanted, code)
  }
}

function wrong(node: Node, report: Reporter, what: string, wanted: string, code: ConfigCode): void {
  report.problem(
    code,
    node.place,
    `Cannot read ${what}: found ${describe(node)}, wanted ${wanted}`,
    `write ${wanted}`,
  )
}

export function readText(node: Node, report: Reporter, what: string): Located<string> | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'string')
    return { value: node.value, place: node.place }
  wrong(node, report, what, 'text (numbers and true/false need quotes)', 'CONFIG_WRONG_TYPE')
  return undefined
}

/** Reads a message from a node that must be a map; unknown keys are reported when `read` has asked for all fields. */
export function readMessage<T>(
  node: Node,
  report: Reporter,
  what: string,
  read: (reader: MessageReader) => T,
): T | undefined {
  if (node.kind !== 'map') {
    wrong(node, report, what, 'a map', 'CONFIG_WRONG_TYPE')
    return undefined
  }
  const reader = new MessageReader(node, report, what)
  const message = read(reader)
  reader.done()
  return message
}
