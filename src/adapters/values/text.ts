import type { Value } from '@outboard/adapters-sdk'
import { durationText } from './duration.js'
import { ipText } from './ip.js'
import { timeText } from './time.js'

/**
 * A value as text, the way Mixer's adapters print it: int64 decimal, double without exponent, addresses in text
 * form, times in UTC with six digits, durations as Go writes them, maps as `k=v&k=v` sorted by key. No value: empty.
 */
export function valueText(value: Value | undefined): string {
  if (value === undefined) return ''
  switch (value.type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      return value.value
    case 'INT64':
      return value.value.toString()
    case 'DOUBLE':
      return doubleText(value.value)
    case 'BOOL':
      return value.value ? 'true' : 'false'
    case 'TIMESTAMP':
      return timeText(value.value)
    case 'IP_ADDRESS':
      return ipText(value.value)
    case 'DURATION':
      return durationText(value.value)
    case 'STRING_MAP':
      return mapText(value.value)
  }
}

function mapText(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map(key => `${key}=${map[key]}`)
    .join('&')
}

/** The shortest decimal that reads back as `n`, written out: 1e21 is a one and twenty-one zeros. */
export function doubleText(n: number): string {
  if (Number.isNaN(n)) return 'NaN'
  if (!Number.isFinite(n)) return n > 0 ? '+Inf' : '-Inf'
  if (Object.is(n, -0)) return '-0'
  const [mantissa = '', exponentText] = n.toString().split('e')
  if (exponentText === undefined) return mantissa
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const exponent = Number(exponentText)
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${whole}${fraction}`
  return `${sign}${whole}${fraction.padEnd(exponent, '0')}`
}
