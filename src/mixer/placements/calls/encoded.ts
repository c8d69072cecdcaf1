import type { AdapterError } from '@outboard/adapters-sdk'
import type { Question } from '../../engine/ports.js'
import { failure } from '../failure.js'
import type { Encoded } from './remote-call.js'

/** What one call may carry. */
export interface CallCapacity {
  readonly instances: number
  /** Bytes of the instances, each with its place in the message. */
  readonly bytes: number
}

/** What every adapter takes that announces nothing else. A larger instance fails; reports are divided. */
export const usualCapacity: CallCapacity = { instances: 1_024, bytes: 1_000_000 }

/** Bytes around an instance in a message: its key and its length. */
const instanceOverhead = 6

/** A question's bytes, or why it cannot go out. */
export function encodedOf(question: Question): Encoded | AdapterError {
  const bytes = question.bytes
  if (bytes === undefined) return withoutBytes(question)
  if (bytes.length > usualCapacity.bytes) return tooLarge(question, usualCapacity)
  return { instances: [bytes], bytes: bytes.length }
}

/** A report's instances, divided so that each call keeps within what its adapter takes. */
export function encodedReports(
  questions: readonly Question[],
  capacity: CallCapacity,
): readonly Encoded[] | AdapterError {
  const batches: Encoded[] = []
  let instances: Uint8Array[] = []
  let size = 0
  for (const question of questions) {
    const bytes = question.bytes
    if (bytes === undefined) return withoutBytes(question)
    const needed = bytes.length + instanceOverhead
    if (needed > capacity.bytes) return tooLarge(question, capacity)
    if (instances.length >= capacity.instances || size + needed > capacity.bytes) {
      batches.push({ instances, bytes: size })
      instances = []
      size = 0
    }
    instances.push(bytes)
    size += needed
  }
  batches.push({ instances, bytes: size })
  return batches
}

function withoutBytes(question: Question): AdapterError {
  return failure('ADAPTER_PROTOCOL', `Instance "${question.instanceName}" came without its bytes`)
}

function tooLarge(question: Question, capacity: CallCapacity): AdapterError {
  const found = question.bytes?.length ?? 0
  return failure(
    'ADAPTER_LIMIT',
    `Instance "${question.instanceName}" has ${found} bytes; at most ${capacity.bytes} go to this adapter`,
  )
}
