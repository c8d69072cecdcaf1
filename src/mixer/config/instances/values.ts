import type { Value } from '@outboard/adapters-sdk'
import { type AttributeValue, Instant, int64, type ValueType } from '../../attributes/index.js'

/** An attribute's value as adapters see it. The value must have the form of the type. */
export function toValue(type: ValueType, value: AttributeValue): Value {
  throw new TypeError(`not yet: ${type} ${String(value)}`)
}

/** An adapter's value as it stands in a bag. */
export function toAttribute(value: Value): AttributeValue {
  switch (value.type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
    case 'DOUBLE':
    case 'BOOL':
    case 'IP_ADDRESS':
      return value.value
    case 'INT64':
    case 'DURATION':
      return int64(value.value)
    case 'TIMESTAMP':
      return new Instant(value.value.seconds, value.value.nanos)
    case 'STRING_MAP':
      return new Map(Object.entries(value.value))
  }
}
