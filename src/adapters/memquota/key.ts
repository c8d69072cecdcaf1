import { createHash } from 'node:crypto'
import type { Instance, Value } from '@outboard/adapters-sdk'
import { valueMapField } from '../values/fields.js'

/** Longer keys are kept as their SHA-256, so that a client cannot fill the memory with long dimensions or ids. */
const longestPlainKey = 200

/**
 * The identity of a counter: the instance's name and all dimensions, sorted by name. Lengths stand before texts and
 * types before values, so that two different sets of dimensions never share a counter; upstream joins them with `;`
 * and `=`, which a value can contain.
 */
export function counterKey(instance: Instance): string {
  let key = sized(instance.name)
  for (const [name, value] of valueMapField(instance, 'dimensions')) key += sized(name) + valueKey(value)
  return shortened(key)
}

/**
 * The identity of a request. Mixer remembers by the bare id, which holds only the quota's short name, so that two
 * instances of one short name in different namespaces were charged once; here the full name is part of it.
 */
export function dedupKey(instance: Instance, dedupId: string): string {
  return shortened(sized(instance.name) + dedupId)
}

function shortened(key: string): string {
  return key.length <= longestPlainKey ? key : `#${createHash('sha256').update(key).digest('base64')}`
}

function sized(text: string): string {
  return `${text.length}:${text}`
}

function valueKey(value: Value): string {
  switch (value.type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      return `s${sized(value.value)}`
    case 'INT64':
      return `i${value.value};`
    case 'DOUBLE':
      return `f${value.value};`
    case 'BOOL':
      return value.value ? 'T' : 'F'
    case 'TIMESTAMP':
      return `t${value.value.seconds},${value.value.nanos};`
    case 'IP_ADDRESS':
      return `a${Buffer.from(value.value).toString('hex')};`
    case 'DURATION':
      return `d${value.value};`
    case 'STRING_MAP': {
      const keys = Object.keys(value.value).sort()
      return `m${keys.length}${keys.map(key => sized(key) + sized(value.value[key] ?? '')).join('')};`
    }
  }
}
