import { type Int64, int64 } from '../attributes/index.js'

const unitNanos = new Map<string, bigint>([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
])

const maxInt64 = 2n ** 63n - 1n

/**
 * Nanoseconds of a Go duration text (`1h30m`, `-2.5s`, `0`), or undefined when the text is none. Values of more than
 * 292 years are none, as in Go. Source: reference expressions, section 2.
 */
export function parseDuration(text: string): Int64 | undefined {
  let rest = text
  let negative = false
  if (rest.startsWith('-') || rest.startsWith('+')) {
    negative = rest.startsWith('-')
    rest = rest.slice(1)
  }
  if (rest === '0') return 0
  if (rest === '') return undefined
  let total = 0n
  const part = /([0-9]*)(?:(\.)([0-9]*))?([^0-9.]+)/y
  while (part.lastIndex < rest.length) {
    const found = part.exec(rest)
    if (found === null) return undefined
    const [, whole = '', , fraction = '', unitText = ''] = found
    const unit = unitNanos.get(unitText)
    if (unit === undefined || (whole === '' && fraction === '')) return undefined
    if (whole.length > 40) return undefined
    total += BigInt(whole === '' ? '0' : whole) * unit + fractionNanos(fraction, unit)
    if (total > maxInt64) return undefined
  }
  return int64(negative ? -total : total)
}

/** In floating point and cut, as Go computes it, so that digits below a nanosecond round the same way. */
function fractionNanos(fraction: string, unit: bigint): bigint {
  const digits = fraction.slice(0, 18)
  return BigInt(Math.trunc(Number(digits) * (Number(unit) / 10 ** digits.length)))
}

/** A duration as Go prints it: `1h30m0s`, `1.5s`, `15ms`, `0s`. */
export function printDuration(nanos: Int64): string {
  const value = BigInt(nanos)
  if (value === 0n) return '0s'
  const sign = value < 0n ? '-' : ''
  const size = value < 0n ? -value : value
  if (size < 1_000n) return `${sign}${size}ns`
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}\u00b5s`
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`
  const minutes = size / 60_000_000_000n
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`
  if (minutes === 0n) return `${sign}${seconds}`
  const hours = minutes / 60n
  return hours === 0n ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60n}m${seconds}`
}

function decimal(value: bigint, places: number): string {
  const scale = 10n ** BigInt(places)
  const fraction = (value % scale).toString().padStart(places, '0').replace(/0+$/, '')
  return fraction === '' ? `${value / scale}` : `${value / scale}.${fraction}`
}
