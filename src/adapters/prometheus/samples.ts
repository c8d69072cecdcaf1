import type { Value } from '@outboard/adapters-sdk'

/** The number that a metric's value is: numbers, durations in seconds, and texts that are numbers. */
export function sampleOf(value: Value | undefined): number | undefined {
  const number = numberOf(value)
  return number !== undefined && Number.isFinite(number) ? number : undefined
}

function numberOf(value: Value | undefined): number | undefined {
  switch (value?.type) {
    case 'DOUBLE':
      return value.value
    case 'INT64':
      return Number(value.value)
    case 'DURATION':
      return Number(value.value) / 1e9
    case 'STRING':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.value) ? Number(value.value) : undefined
    case 'BOOL':
    case 'TIMESTAMP':
    case 'IP_ADDRESS':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
    case 'STRING_MAP':
    case undefined:
      return undefined
  }
}
