import { PlainRecord, WireWriter } from '@outboard/adapters-sdk'
import type { AttributeBag } from '../../attributes/index.js'
import { EvalFailure } from '../../expr/index.js'
import { type Change, LastEntries, noChanges } from './last-entries.js'
import { LastReads } from './last-reads.js'
import { MapRecords } from './map-records.js'
import { type FieldPlan, type ItemPlan, keyOf, type ValueItem } from './plan.js'

/** One entry of a map whose keys stand in the configuration. */
export class MapEntry<Item extends ItemPlan> {
  /** What stands in it before its value's content: the key, and the value's own key. */
  readonly #head: Uint8Array

  constructor(
    readonly key: string,
    readonly item: Item,
  ) {
    const writer = new WireWriter()
    writer.uint32(0x0a)
    writer.string(key)
    writer.uint32(keyOf(2, item.wireType))
    this.#head = writer.finish()
  }

  /** Begins the entry in a field with this key on the wire; what it answers is for `end` of the writer. */
  begin(writer: WireWriter, fieldKey: number): number {
    writer.uint32(fieldKey)
    const start = writer.begin()
    writer.raw(this.#head)
    return start
  }
}

function entriesOf<Item extends ItemPlan>(items: ReadonlyMap<string, Item>): readonly MapEntry<Item>[] {
  return [...items]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, item]) => new MapEntry(key, item))
}

function buildMap(entries: readonly MapEntry<ItemPlan>[], bag: AttributeBag): PlainRecord | EvalFailure {
  const record = new PlainRecord()
  for (const { key, item } of entries) {
    const value = item.build(bag)
    if (value instanceof EvalFailure) return value
    record[key] = value
  }
  return record
}

function writeMap(
  entries: readonly MapEntry<ItemPlan>[],
  fieldKey: number,
  writer: WireWriter,
  bag: AttributeBag,
): EvalFailure | undefined {
  for (const entry of entries) {
    const start = entry.begin(writer, fieldKey)
    const failure = entry.item.write(writer, bag)
    if (failure !== undefined) return failure
    writer.end(start)
  }
  return undefined
}

/** A map of messages whose keys stand in the configuration. */
export class MapField implements FieldPlan {
  readonly #key: number
  readonly #entries: readonly MapEntry<ItemPlan>[]

  constructor(
    readonly name: string,
    readonly number: number,
    items: ReadonlyMap<string, ItemPlan>,
  ) {
    this.#key = keyOf(number, 2)
    this.#entries = entriesOf(items)
  }

  build(bag: AttributeBag): PlainRecord | EvalFailure {
    return buildMap(this.#entries, bag)
  }

  write(writer: WireWriter, bag: AttributeBag): EvalFailure | undefined {
    return writeMap(this.#entries, this.#key, writer, bag)
  }
}

/**
 * A map of single values whose keys stand in the configuration. A record that was built before is given out again, and entries
 * whose values are those of the last map are copied from it. Two metrics of one request usually have the same dimensions: for
 * the second one nothing is evaluated.
 */
export class ValueMapField implements FieldPlan {
  readonly #key: number
  readonly #entries: readonly MapEntry<ValueItem>[]
  readonly #records: MapRecords
  readonly #last: LastEntries
  readonly #reads = new LastReads()

  constructor(
    readonly name: string,
    readonly number: number,
    items: ReadonlyMap<string, ValueItem>,
  ) {
    this.#key = keyOf(number, 2)
    this.#entries = entriesOf(items)
    this.#records = new MapRecords(this.#entries)
    this.#last = new LastEntries(items.size)
  }

  build(bag: AttributeBag): PlainRecord | EvalFailure {
    const made = bag.made(this)
    if (made instanceof PlainRecord) return made
    const { result } = this.#reads
    if (result instanceof PlainRecord && this.#reads.holdIn(bag)) {
      bag.keepMade(this, result)
      return result
    }
    const records = this.#records
    const record = this.#reads.during(
      bag,
      () => records.build(bag),
      made => (made === records.last ? made : undefined),
    )
    if (record === records.last) bag.keepMade(this, record)
    return record
  }

  /**
   * Looks at attributes in the order in which a map that remembers nothing does, and no further: where a value is that of the
   * last map, it was written without a failure then.
   */
  write(writer: WireWriter, bag: AttributeBag): EvalFailure | undefined {
    const last = this.#last
    if (last.whole !== undefined && this.#isLast(bag, last.whole)) {
      writer.raw(last.whole)
      return undefined
    }
    if (last.begin() === 'write') return writeMap(this.#entries, this.#key, writer, bag)
    const failure = this.#reads.during(
      bag,
      () => this.#writeChanges(writer, bag),
      () => last.whole,
    )
    if (failure === undefined && last.whole !== undefined) bag.keepMade(this, last.whole)
    return failure
  }

  /** Whether the last map was that of this bag, or of one that has the same wherever it matters. */
  #isLast(bag: AttributeBag, whole: object): boolean {
    if (bag.made(this) === whole) return true
    if (this.#reads.result !== whole || !this.#reads.holdIn(bag)) return false
    bag.keepMade(this, whole)
    return true
  }

  /** Copies what is as in the last map, and writes the rest. */
  #writeChanges(writer: WireWriter, bag: AttributeBag): EvalFailure | undefined {
    const last = this.#last
    const mapStart = writer.length
    let changes: Change[] | undefined
    let copied = 0
    for (let index = 0; index < this.#entries.length; index++) {
      const entry = this.#entries[index]
      if (entry === undefined) continue
      const value = entry.item.value(bag)
      if (value instanceof EvalFailure) return value
      if (last.holds(index, value)) continue
      last.copy(writer, copied, index)
      copied = index + 1
      const entryStart = writer.length
      const start = entry.begin(writer, this.#key)
      const failure = entry.item.writeValue(writer, value)
      if (failure !== undefined) return failure
      writer.end(start)
      changes ??= []
      changes.push({ index, value, length: writer.length - entryStart })
    }
    last.copy(writer, copied, this.#entries.length)
    last.wrote(changes ?? noChanges, writer, mapStart)
    return undefined
  }
}
