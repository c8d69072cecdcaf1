import type { AttributeValue, Instant, StringMap, ValueType } from '../mixer/attributes/index.js'

/**
 * A value as part of a cache key. Within one shape the same types stand in the same order, and each part says where it
 * ends (a length before text, a `;` after numbers), so that two different lists of values never give one key.
 * The switch has no default: a new type of value fails to compile, instead of being left out of keys.
 */
export function keyPart(type: ValueType, value: AttributeValue): string {
  switch (type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      return textPart(value as string)
    case 'INT64':
    case 'DURATION':
      return `${value as number | bigint};`
    case 'DOUBLE':
      // 0 and -0 are different to `==` in expressions, which compares bits.
      return Object.is(value, -0) ? '-0;' : `${value as number};`
    case 'BOOL':
      return value === true ? 't' : 'f'
    case 'TIMESTAMP': {
      const instant = value as Instant
      return `${instant.seconds}.${instant.nanos};`
    }
    case 'IP_ADDRESS':
      return textPart(Buffer.from(value as Uint8Array).toString('latin1'))
    case 'STRING_MAP':
      return mapPart(value as StringMap)
  }
}

/** Text with its length before it: text that contains a separator stays one part. */
export function textPart(text: string): string {
  return `${text.length}:${text}`
}

/** A whole map, its entries in order of keys. */
function mapPart(map: StringMap): string {
  const entries = [...map.entries()].sort(([a], [b]) => (a < b ? -1 : 1))
  let part = `${entries.length}{`
  for (const [key, value] of entries) part += textPart(key) + textPart(value)
  return part
}

/** Where a part of a key ends that begins at `start`; the reverse of {@link keyPart}. */
export function partEnd(type: ValueType, key: string, start: number): number {
  switch (type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
    case 'IP_ADDRESS':
      return textEnd(key, start)
    case 'INT64':
    case 'DURATION':
    case 'DOUBLE':
    case 'TIMESTAMP':
      return key.indexOf(';', start) + 1
    case 'BOOL':
      return start + 1
    case 'STRING_MAP': {
      const brace = key.indexOf('{', start)
      let end = brace + 1
      for (let left = 2 * Number(key.slice(start, brace)); left > 0; left--) end = textEnd(key, end)
      return end
    }
  }
}

function textEnd(key: string, start: number): number {
  const colon = key.indexOf(':', start)
  return colon + 1 + Number(key.slice(start, colon))
}
