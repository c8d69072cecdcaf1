import type { AttributeValues, HeaderOperation, Metadata, Verdict } from '@outboard/adapters-sdk'
import type { Outcome } from './outcome.js'

// What things weigh in memory, about: two bytes for each character, though texts without wide ones take one, and the
// objects as measured with Node 20 (src/bench/cache, and test/cache/weight). Too much rather than too little.

/** What an outcome weighs that is not shared: its object, its lists, and all that it says. */
export function bytesOfOutcome({ message, directive, metadata, parts }: Outcome): number {
  let bytes = 160 + message.length * 2 + bytesOfMetadata(metadata)
  for (const { handler, cacheKeys } of parts) bytes += 100 + handler.length * 2 + bytesOfTexts(cacheKeys)
  if (directive !== undefined)
    bytes += 60 + directive.directBody.length * 2 + bytesOfOperations(directive.operations)
  return bytes
}

/** What a verdict weighs with its key, and with what is noted beside it. */
export function bytesOfVerdict(key: string, verdict: Verdict): number {
  // A key is made of bytes: one for each character.
  const bytes = 540 + key.length
  switch (verdict.kind) {
    case 'allow': {
      const { headers, metadata, output, cacheKeys } = verdict
      const beside = bytesOfMetadata(metadata) + bytesOfTexts(cacheKeys) + bytesOfValues(output)
      return bytes + bytesOfOperations(headers) + beside
    }
    case 'deny': {
      const { message, direct, metadata, cacheKeys } = verdict
      let beside = message.length * 2 + bytesOfMetadata(metadata) + bytesOfTexts(cacheKeys)
      if (direct !== undefined) {
        beside += 60 + direct.body.length * 2
        for (const [name, value] of direct.headers) beside += 100 + (name.length + value.length) * 2
      }
      return bytes + beside
    }
    case 'failed':
      return bytes
  }
}

function bytesOfOperations(operations: readonly HeaderOperation[]): number {
  let bytes = 0
  for (const { name, value } of operations) bytes += 100 + (name.length + value.length) * 2
  return bytes
}

function bytesOfTexts(texts: readonly string[]): number {
  let bytes = 0
  for (const text of texts) bytes += 40 + text.length * 2
  return bytes
}

function bytesOfMetadata(metadata: Metadata): number {
  let bytes = 0
  for (const name in metadata) {
    const value = metadata[name]
    bytes += 160 + (name.length + (typeof value === 'string' ? value.length : 0)) * 2
  }
  return bytes
}

function bytesOfValues(values: AttributeValues): number {
  let bytes = 0
  for (const name in values) {
    const attribute = values[name]
    bytes += 160 + name.length * 2
    if (typeof attribute?.value === 'string' || attribute?.value instanceof Uint8Array)
      bytes += attribute.value.length * 2
    else if (attribute?.type === 'STRING_MAP') bytes += bytesOfMetadata(attribute.value)
  }
  return bytes
}
