import { KnownRecords, PlainRecord, Trust } from '@outboard/adapters-sdk'
import type { AttributeBag, AttributeValue } from '../../attributes/index.js'
import { EvalFailure } from '../../expr/index.js'
import { type KnownField, knownField, notKept } from './known-fields.js'
import type { ValueItem } from './plan.js'

/** One entry of a map whose keys stand in the configuration. */
interface KeyedItem {
  readonly key: string
  readonly item: ValueItem
}

/**
 * The records of one map of single values. One that was made before is given out again, so that all are frozen. Only texts,
 * numbers and booleans are known again; what is an object may be another one inside, and is made anew.
 */
export class MapRecords {
  readonly #entries: readonly KeyedItem[]
  readonly #known = new KnownRecords<KnownField>()
  /** Of each entry. */
  readonly #trust: readonly Trust[]
  /** The entries of `#last`; what is of no record yet, or none that can be kept, has no `#last`. */
  readonly #parts: KnownField[] = []
  #last: PlainRecord | undefined

  constructor(entries: readonly KeyedItem[]) {
    this.#entries = entries
    this.#trust = entries.map(() => new Trust())
  }

  /** The record that was built last, when it may be given out again. */
  get last(): PlainRecord | undefined {
    return this.#last
  }

  /** Looks at attributes in the order of the entries, up to the first failure. */
  build(bag: AttributeBag): PlainRecord | EvalFailure {
    const parts = this.#parts
    let hash = 0
    let areKept = true
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i]
      const trust = this.#trust[i]
      if (entry === undefined || trust === undefined) continue
      const value = entry.item.value(bag)
      if (value instanceof EvalFailure) return value
      let part = parts[i]
      if (part === undefined || !Object.is(part.value, value)) {
        const known = knownField(entry.item, value, trust)
        if (known instanceof EvalFailure) return known
        if (known === undefined) return this.#buildFrom(i, value, bag)
        this.#last = undefined
        part = known
        parts[i] = known
      }
      hash = Math.imul(hash, 31) + part.place
      areKept &&= part.place !== notKept
    }
    this.#last ??= areKept ? this.#recordOf(parts, hash) : Object.freeze(this.#made(parts))
    return this.#last
  }

  /** The record of the parts before `index`, of the entry there, whose value is not one that is kept, and those behind it. */
  #buildFrom(index: number, value: AttributeValue, bag: AttributeBag): PlainRecord | EvalFailure {
    const record = new PlainRecord()
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i]
      if (entry === undefined) continue
      const field =
        i < index ? this.#parts[i]?.field : i === index ? entry.item.buildValue(value) : entry.item.build(bag)
      if (field instanceof EvalFailure) return field
      record[entry.key] = field
    }
    return Object.freeze(record)
  }

  #recordOf(parts: readonly KnownField[], hash: number): PlainRecord {
    const known = this.#known.find(parts, hash)
    if (known !== undefined) return known
    const record = this.#made(parts)
    this.#known.keep(parts, hash, record)
    return record
  }

  #made(parts: readonly KnownField[]): PlainRecord {
    const record = new PlainRecord()
    for (let i = 0; i < parts.length; i++) {
      const { key } = this.#entries[i] ?? {}
      if (key !== undefined) record[key] = parts[i]?.field
    }
    return record
  }
}
