import { type AttributeValue, Instant, type Int64, int64, type ValueType } from '../../attributes/index.js'
import { parseIp } from './ip.js'

/**
 * A text from a proxy's configuration (`context_extensions`, custom tags) as a value of a declared type; undefined when
 * it is not of that type, or empty. The forms are those of Istio's test client (reference proxy-client, section 10),
 * and an address is written as usual: `10.0.0.1`, `2001:db8::1`.
 */
export function parseTyped(type: ValueType, text: string): AttributeValue | undefined {
  if (text === '') return undefined
  switch (type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      return text
    case 'INT64':
      return parseInt64(text)
    case 'DOUBLE':
      return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
    case 'BOOL':
      return parseBool(text)
    case 'TIMESTAMP':
      return parseTimestamp(text)
    case 'DURATION':
      return parseDuration(text)
    case 'IP_ADDRESS':
      return parseIp(text)
    case 'STRING_MAP':
      return parseMap(text)
  }
}

/** A decimal integer of 64 bits; undefined when it is none or does not fit. */
export function parseInt64(text: string): Int64 | undefined {
  if (!/^[+-]?\d{1,19}$/.test(text)) return undefined
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return BigInt.asIntN(64, value) === value ? int64(value) : undefined
}

export function parseBool(text: string): boolean | undefined {
  if (text === 'true' || text === '1') return true
  if (text === 'false' || text === '0') return false
  return undefined
}

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/

function parseTimestamp(text: string): Instant | undefined {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const ms = Date.parse(`${match[1]}${match[3]}`)
  return Number.isNaN(ms) ? undefined : new Instant(ms / 1_000, Number((match[2] ?? '').padEnd(9, '0')))
}

const nanosOf: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
}
const durationPart = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g

/** Go's notation, `1h30m`, `-1.5s`; nanoseconds. Parts of a nanosecond are cut. */
function parseDuration(text: string): Int64 | undefined {
  const sign = text.startsWith('-') ? -1 : 1
  const rest = text.replace(/^[+-]/, '')
  if (rest === '0') return 0
  let total = 0
  let covered = 0
  for (const [part, amount, unit] of rest.matchAll(durationPart)) {
    total += Number(amount) * nanosOf[unit!]!
    covered += part.length
  }
  if (covered === 0 || covered !== rest.length || total > 9.2e18) return undefined
  return int64(BigInt(sign * Math.trunc(total)))
}

/** `k:v;k:v`; the first colon of a part ends its key. */
function parseMap(text: string): ReadonlyMap<string, string> | undefined {
  const map = new Map<string, string>()
  for (const part of text.split(';')) {
    const colon = part.indexOf(':')
    if (colon < 1) return undefined
    map.set(part.slice(0, colon), part.slice(colon + 1))
  }
  return map
}
