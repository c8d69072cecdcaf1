import { Buffer } from 'node:buffer'
import type { Value } from '../values.js'

/**
 * A value as part of a cache key: a letter for how it travels, then the value, which says where it ends (a length before
 * text, a `;` after numbers). So two different values never give one part, and no two lists of values one key. Types
 * that the server cannot tell apart share a letter. The switch has no default: a new type fails to compile, instead of
 * being left out of keys.
 */
export function keyPart(attribute: Value): string {
  switch (attribute.type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      return `s${textPart(attribute.value)}`
    case 'INT64':
      return `i${attribute.value};`
    case 'DOUBLE':
      return Object.is(attribute.value, -0) ? 'd-0;' : `d${attribute.value};`
    case 'BOOL':
      return attribute.value ? 't' : 'f'
    case 'TIMESTAMP':
      return `m${attribute.value.seconds}.${attribute.value.nanos};`
    case 'DURATION':
      return `n${attribute.value};`
    case 'IP_ADDRESS':
      return `b${textPart(Buffer.from(attribute.value).toString('latin1'))}`
    case 'STRING_MAP': {
      const entries = Object.entries(attribute.value).sort(([a], [b]) => (a < b ? -1 : 1))
      let part = `{${entries.length};`
      for (const [key, value] of entries) part += textPart(key) + textPart(value)
      return part
    }
  }
}

/** Text with its length before it: text that contains a separator stays one part. */
export function textPart(text: string): string {
  return `${text.length}:${text}`
}
