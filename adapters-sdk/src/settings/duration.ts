import type { FrameReader } from '../protocol/reader.js'
import { type Field, type FieldOptions, found, type Kind, makeField, Problems } from './field.js'
import { type RangeOptions, ranged } from './scalars.js'

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** The longest duration that is taken: 10,000 years, as in protobuf. */
const longestMs = 315_576_000_000_000

/**
 * Milliseconds of a duration's text: `5s`, `1.5s`, `300ms`, `1h30m`, `-2s`, `0`; undefined when it is none.
 * Covers protobuf's JSON form and Go's text.
 */
export function parseDurationMs(text: string): number | undefined {
  const match = /^([-+]?)(0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text)
  const parts = match?.[2]
  if (match === null || parts === undefined || text.length > 128) return undefined
  let ms = 0
  for (const [, amount, unit] of parts.matchAll(/([0-9.]+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    ms += Number(amount) * (unitMs.get(unit ?? '') ?? 0)
  }
  if (ms > longestMs) return undefined
  // A nanosecond is the finest step; rounding removes what binary fractions add.
  const exact = Math.round(ms * 1e6) / 1e6
  return match[1] === '-' ? 0 - exact : exact
}

/** Milliseconds as text, `1.5s` or `300ms`. */
export function durationText(ms: number): string {
  return Number.isInteger(ms / 1000) || Math.abs(ms) >= 1000 ? `${ms / 1000}s` : `${ms}ms`
}

export interface DurationOptions extends FieldOptions {
  /** As text (`5s`) or in milliseconds. */
  readonly default?: string | number
  readonly optional?: boolean
  /** Limits, as text or in milliseconds. */
  readonly min?: string | number
  readonly max?: string | number
  readonly above?: string | number
}

/** A duration, written as text (`5s`, `1.5s`, `300ms`, `1h30m`); milliseconds in the settings. */
export function duration(options: DurationOptions & { readonly optional: true }): Field<number | undefined>
export function duration(options?: DurationOptions): Field<number>
export function duration(options: DurationOptions = {}): Field<number | undefined> {
  const range: RangeOptions<number> = {
    ...(options.min !== undefined && { min: definedMs(options.min) }),
    ...(options.max !== undefined && { max: definedMs(options.max) }),
    ...(options.above !== undefined && { above: definedMs(options.above) }),
  }
  const kind: Kind<number> = {
    typeName: 'duration',
    jsonSchema: { type: 'string', pattern: '^[-+]?(0|([0-9.]+(ns|us|µs|ms|s|m|h))+)$' },
    resolve(raw, path, problems) {
      const ms = typeof raw === 'string' ? parseDurationMs(raw) : undefined
      if (ms === undefined)
        return problems.note(path, `must be a duration like "5s" or "300ms", not ${found(raw)}`)
      const noted = problems.list.length
      const value = ranged(ms, path, problems, range)
      if (problems.list.length === noted) return value
      problems.list.length = noted
      return problems.note(path, `must be ${limitsText(range)}, not ${found(raw)}`)
    },
    wire: { wireTypes: [2], packable: false, gather: 'last', read: readDuration },
  }
  const { default: initial, min: _min, max: _max, above: _above, ...rest } = options
  const made = makeField(kind, {
    ...rest,
    ...(initial !== undefined && { default: definedMs(initial) }),
  })
  if (initial === undefined) return made
  const text = durationText(definedMs(initial))
  const problems = new Problems()
  ranged(definedMs(initial), '', problems, range)
  if (problems.list.length > 0) {
    throw new TypeError(`The default of a setting (duration) must be ${limitsText(range)}, not "${text}"`)
  }
  return { ...made, defaultText: JSON.stringify(text), jsonSchema: { ...made.jsonSchema, default: text } }
}

function definedMs(value: string | number): number {
  const ms = typeof value === 'number' ? value : parseDurationMs(value)
  if (ms === undefined || !Number.isFinite(ms)) throw new TypeError(`"${value}" is not a duration`)
  return ms
}

function limitsText({ min, max, above }: RangeOptions<number>): string {
  const parts = [
    min !== undefined && `at least ${durationText(min)}`,
    above !== undefined && (above === 0 ? 'longer than 0' : `longer than ${durationText(above)}`),
    max !== undefined && `at most ${durationText(max)}`,
  ]
  return parts.filter(part => part !== false).join(' and ')
}

/** `google.protobuf.Duration` as its JSON text. */
function readDuration(reader: FrameReader): string {
  let seconds = 0n
  let nanos = 0n
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) seconds = reader.int64()
    else if (key === 16) nanos = reader.int64()
    else reader.skip(key)
  }
  reader.leave(end)
  const total = seconds * 1_000_000_000n + nanos
  const size = total < 0n ? -total : total
  const fraction = (size % 1_000_000_000n).toString().padStart(9, '0')
  return `${total < 0n ? '-' : ''}${size / 1_000_000_000n}.${fraction}s`
}
