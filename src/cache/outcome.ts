import type { Metadata } from '@outboard/adapters-sdk'
import type { Decided } from '../mixer/engine/api.js'
import type { TookPart } from '../mixer/engine/cache-port.js'

/** What an answer says, apart from how long and how often it holds. Equal ones are shared between entries. */
export interface Outcome {
  readonly code: number
  readonly message: string
  readonly directive: Decided['directive']
  readonly metadata: Metadata
  readonly parts: readonly TookPart[]
}

/** Longest message of a plain outcome, in characters: longer ones tell one request from another, and are not shared. */
const maxMessage = 200

/** Whether an outcome says so little that others say the same, so that it is shared. */
export function isPlain({ message, directive, metadata, parts }: Outcome): boolean {
  if (message.length > maxMessage || directive !== undefined) return false
  for (const _ in metadata) return false
  for (const { cacheKeys } of parts) if (cacheKeys.length > 0) return false
  return true
}
