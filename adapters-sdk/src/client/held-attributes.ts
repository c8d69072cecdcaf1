import type { AttributeValues, Value } from '../values.js'

/** Whether a value goes over the wire: empty string maps do not. Source: reference proxy-client, section 2. */
export function isSent(value: Value): boolean {
  if (value.type !== 'STRING_MAP') return true
  for (const _ in value.value) return true
  return false
}

/** A copy that does not change when the caller's headers do while an answer, or a batch, is waited for. */
export function heldAttributes(attributes: AttributeValues): AttributeValues {
  const held: Record<string, Value> = Object.create(null)
  for (const [name, value] of Object.entries(attributes)) if (isSent(value)) held[name] = heldValue(value)
  return held
}

/** Bytes that held attributes take, about: two for each character, and their objects. */
export function bytesHeld(attributes: AttributeValues): number {
  let bytes = 100
  for (const name in attributes) {
    const attribute = attributes[name]
    bytes += 100
    if (attribute?.type === 'STRING_MAP') {
      for (const key in attribute.value) bytes += 60 + (key.length + (attribute.value[key]?.length ?? 0)) * 2
    } else if (typeof attribute?.value === 'string') bytes += attribute.value.length * 2
    else if (attribute?.type === 'IP_ADDRESS') bytes += 100
  }
  return bytes
}

function heldValue(value: Value): Value {
  switch (value.type) {
    case 'STRING_MAP':
      return { type: 'STRING_MAP', value: { ...value.value } }
    case 'IP_ADDRESS':
      return { type: 'IP_ADDRESS', value: value.value.slice() }
    case 'TIMESTAMP':
      return { type: 'TIMESTAMP', value: { ...value.value } }
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
    case 'INT64':
    case 'DOUBLE':
    case 'BOOL':
    case 'DURATION':
      return { ...value }
  }
}
