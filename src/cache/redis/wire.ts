import { Code, type HeaderOperation, type Metadata, verdictProblem } from '@outboard/adapters-sdk'
import type { RouteDirective } from '../../mixer/engine/api.js'
import type { TookPart } from '../../mixer/engine/cache-port.js'
import type { SharedAnswer } from '../second-tier.js'

/** What an answer is when it is shared, apart from its shape, its validity and its uses. */
export type SharedOutcome = Pick<SharedAnswer, 'code' | 'message' | 'directive' | 'metadata' | 'parts'>

/** The form of the text; another form is not read. */
const form = 1

/** Longest text of an answer, characters; a longer one is neither shared nor read. */
const maxLength = 262_144

/**
 * An answer as text; undefined for one that would not be read. `key` is everything it was found by, and is compared
 * when it is read.
 */
export function write(
  key: string,
  { code, message, directive, metadata, parts }: SharedOutcome,
): string | undefined {
  if (!isSound({ code, message, directive, metadata, parts })) return undefined
  const text = JSON.stringify({ form, key, code, message, directive: directive ?? null, metadata, parts })
  return text.length <= maxLength ? text : undefined
}

/**
 * Reads a text that ought to be an answer for `key`. Redis holds what anybody put there: whatever is not exactly an
 * answer to this question is undefined.
 */
export function read(key: string, text: string): SharedOutcome | undefined {
  if (text.length > maxLength) return undefined
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isRecord(data) || data.form !== form || data.key !== key) return undefined
  const { code, message, directive, metadata, parts } = data
  if (typeof code !== 'number' || typeof message !== 'string') return undefined
  if (directive !== null && !isDirective(directive)) return undefined
  if (!isMetadata(metadata) || !isParts(parts)) return undefined
  const outcome = { code, message, directive: directive ?? undefined, metadata, parts }
  return isSound(outcome) ? outcome : undefined
}

/** Whether it passes the rule that verdicts of adapters pass. A denial has every part of an answer, so it is taken for one. */
function isSound({ code, message, directive, metadata, parts }: SharedOutcome): boolean {
  const { directStatus = 0, directBody = '', operations = [] } = directive ?? {}
  // A direct response belongs to a denial.
  if (code === 0 && (directStatus !== 0 || directBody !== '')) return false
  const denial = {
    kind: 'deny' as const,
    code: code === 0 ? Code.UNKNOWN : code,
    message,
    direct: {
      httpStatus: directStatus,
      body: directBody,
      headers: operations.map(({ name, value }) => [name, value] as const),
    },
    caching: { kind: 'no-opinion' as const },
    metadata,
    cacheKeys: parts.flatMap(({ cacheKeys }) => cacheKeys),
  }
  return verdictProblem(denial) === undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isMetadata(value: unknown): value is Metadata {
  return (
    isRecord(value) && Object.values(value).every(one => ['string', 'number', 'boolean'].includes(typeof one))
  )
}

function isParts(value: unknown): value is readonly TookPart[] {
  return (
    Array.isArray(value) &&
    value.every(
      part =>
        isRecord(part) &&
        typeof part.handler === 'string' &&
        Array.isArray(part.cacheKeys) &&
        part.cacheKeys.every(key => typeof key === 'string'),
    )
  )
}

function isDirective(value: unknown): value is RouteDirective {
  return (
    isRecord(value) &&
    typeof value.directStatus === 'number' &&
    typeof value.directBody === 'string' &&
    Array.isArray(value.operations) &&
    value.operations.every(isOperation)
  )
}

function isOperation(value: unknown): value is HeaderOperation {
  return (
    isRecord(value) &&
    (value.on === 'request' || value.on === 'response') &&
    (value.operation === 'replace' || value.operation === 'append' || value.operation === 'remove') &&
    typeof value.name === 'string' &&
    typeof value.value === 'string'
  )
}
