import { addInt64, Instant, type Int64, int64 } from '../../attributes/index.js'
import { varintType, type WireReader } from './reader.js'
import type { WireWriter } from './writer.js'

/** Source: `google.protobuf.Timestamp`: the years 1 to 9999. */
const firstSecond = -62_135_596_800
const lastSecond = 253_402_300_799
const nanosPerSecond = 1_000_000_000
const secondsTag = (1 << 3) | varintType
const nanosTag = (2 << 3) | varintType

let seconds: Int64 = 0
let nanos: Int64 = 0

function readPair(reader: WireReader): void {
  seconds = 0
  nanos = 0
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === secondsTag) seconds = reader.int64()
    else if (tag === nanosTag) nanos = reader.int64()
    else reader.skip(tag)
  }
}

/** Reads a `Timestamp` up to the reader's end; undefined when it is outside the range that the type has. */
export function readTimestamp(reader: WireReader): Instant | undefined {
  readPair(reader)
  if (typeof seconds !== 'number' || seconds < firstSecond || seconds > lastSecond) return undefined
  if (typeof nanos !== 'number' || nanos < 0 || nanos >= nanosPerSecond) return undefined
  return new Instant(seconds, nanos)
}

/** Reads a `Duration` up to the reader's end, as nanoseconds; undefined when they do not fit 64 bits. */
export function readDuration(reader: WireReader): Int64 | undefined {
  readPair(reader)
  if (typeof nanos !== 'number' || nanos <= -nanosPerSecond || nanos >= nanosPerSecond) return undefined
  if (typeof seconds === 'number' && Number.isSafeInteger(seconds * nanosPerSecond))
    return addInt64(seconds * nanosPerSecond, nanos)
  const exact = BigInt(seconds) * BigInt(nanosPerSecond) + BigInt(nanos)
  return BigInt.asIntN(64, exact) === exact ? int64(exact) : undefined
}

/** The longest `Duration` that is written: ten years. Longer ones, and `Infinity`, are cut to it. */
const longestMs = 315_360_000_000

/** Writes the fields of a `Duration` of some milliseconds; negative ones count as 0. */
export function writeDurationMs(writer: WireWriter, ms: number): void {
  const whole = ms > 0 ? Math.min(ms, longestMs) : 0
  const wholeSeconds = Math.floor(whole / 1_000)
  const restNanos = Math.floor((whole - wholeSeconds * 1_000) * 1_000_000)
  if (restNanos > 0) writer.uint32(2, restNanos)
  if (wholeSeconds > 0) writer.uint32(1, wholeSeconds)
}
