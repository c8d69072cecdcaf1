import type { Value } from '@outboard/adapters-sdk'
import { type AttributeValue, Instant, int64 } from '../attributes/index.js'

/** A value from an adapter in the form that bags hold. */
export function attributeOf(value: Value): AttributeValue {
  switch (value.type) {
    case 'INT64':
    case 'DURATION':
      return int64(value.value)
    case 'TIMESTAMP':
      return new Instant(value.value.seconds, value.value.nanos)
    case 'STRING_MAP':
      return new Map(Object.entries(value.value))
    case 'STRING':
    case 'DOUBLE':
    case 'BOOL':
    case 'IP_ADDRESS':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      return value.value
  }
}
