import { Duration } from '@marcbachmann/cel-js/evaluator'
import {
  type AttributeBag,
  type AttributeValue,
  hasForm,
  Instant,
  int64,
  type Slot,
  type StringMap,
  type ValueType,
} from '../../attributes/index.js'

/** An address, opaque to CEL. */
export class CelAddress {
  constructor(readonly bytes: Uint8Array) {}
}

/** A name, an e-mail address or a URI, opaque to CEL: three types with one shape. */
export class CelName {
  constructor(readonly text: string) {}
}
export class CelEmail {
  constructor(readonly text: string) {}
}
export class CelUri {
  constructor(readonly text: string) {}
}

const noEntries: StringMap = new Map<string, string>()

/** A string map, opaque to CEL: keys are read one by one and recorded. Without a place it is the empty map. */
export class CelMap {
  constructor(readonly place: { readonly bag: AttributeBag; readonly slot: Slot } | undefined) {}

  get(key: string): string | undefined {
    return this.place === undefined ? undefined : (this.place.bag.readKey(this.place.slot, key) ?? undefined)
  }

  whole(): StringMap {
    return this.place === undefined ? noEntries : (this.place.bag.readMap(this.place.slot) ?? noEntries)
  }
}

/** What a CEL program works on. */
export type CelValue =
  | string
  | bigint
  | number
  | boolean
  | Date
  | Duration
  | CelAddress
  | CelName
  | CelEmail
  | CelUri
  | CelMap

const nanosPerSecond = 1_000_000_000n

/** Instants behind the dates made of them: CEL's dates end at milliseconds, and what is only passed on must not. */
const instants = new WeakMap<Date, Instant>()

/** An attribute's value for CEL; one that is absent is the zero of its type. */
export function readForCel(bag: AttributeBag, slot: Slot, type: ValueType): CelValue {
  if (type === 'STRING_MAP') {
    if (bag.peek(slot) !== undefined) return new CelMap({ bag, slot })
    bag.read(slot)
    return new CelMap(undefined)
  }
  const value = bag.read(slot)
  return value !== undefined && hasForm(type, value) ? toCel(type, value) : zero(type)
}

function toCel(type: ValueType, value: AttributeValue): CelValue {
  const text = typeof value === 'string' ? value : ''
  switch (type) {
    case 'INT64':
      return typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : 0n
    case 'DURATION':
      return durationOfNanos(typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : 0n)
    case 'TIMESTAMP':
      return dateOf(value instanceof Instant ? value : new Instant(0, 0))
    case 'IP_ADDRESS':
      return new CelAddress(value instanceof Uint8Array ? value : new Uint8Array())
    case 'DNS_NAME':
      return new CelName(text)
    case 'EMAIL_ADDRESS':
      return new CelEmail(text)
    case 'URI':
      return new CelUri(text)
    case 'STRING':
      return text
    case 'DOUBLE':
      return typeof value === 'number' ? value : 0
    case 'BOOL':
      return value === true
    case 'STRING_MAP':
      return new CelMap(undefined)
  }
}

/** A value of the right kind for no value: `toCel` reads anything else than the type's form as its zero. */
function zero(type: ValueType): CelValue {
  return toCel(type, type === 'STRING' ? '' : false)
}

/** A CEL duration of nanoseconds; both its parts have the sign. */
function durationOfNanos(nanos: bigint): Duration {
  return new Duration(nanos / nanosPerSecond, Number(nanos % nanosPerSecond))
}

function dateOf(instant: Instant): Date {
  const date = new Date(instant.seconds * 1_000 + Math.floor(instant.nanos / 1_000_000))
  instants.set(date, instant)
  return date
}

function instantOf(date: Date): Instant {
  const known = instants.get(date)
  if (known !== undefined) return known
  const milliseconds = date.getTime()
  const seconds = Math.floor(milliseconds / 1_000)
  return new Instant(seconds, (milliseconds - seconds * 1_000) * 1_000_000)
}

/** The value of an expression from CEL's; undefined for what no attribute can hold. */
export function fromCel(value: unknown): AttributeValue | undefined {
  if (typeof value === 'bigint') return int64(value)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : instantOf(value)
  if (value instanceof Duration) return int64(value.seconds * nanosPerSecond + BigInt(value.nanos))
  if (value instanceof CelAddress) return value.bytes
  if (value instanceof CelName || value instanceof CelEmail || value instanceof CelUri) return value.text
  return value instanceof CelMap ? value.whole() : undefined
}
