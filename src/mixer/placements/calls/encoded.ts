import type { AdapterError } from '@outboard/adapters-sdk'
import type { Question } from '../../engine/ports.js'
import { failure } from '../failure.js'
import type { Encoded } from './remote-call.js'

/** Bytes of the instances of one call. A single instance above it is failed; reports are divided. */
const maxCallBytes = 1_000_000 // below the 1 MiB frame that every adapter takes
/** Instances of one call: what every adapter takes that announces no other number. */
const maxCallInstances = 1_024

/** A question's bytes, or why it cannot go out. */
export function encodedOf(question: Question): Encoded | AdapterError {
  const bytes = question.bytes
  if (bytes === undefined) return withoutBytes(question)
  if (bytes.length > maxCallBytes) return tooLarge(question, bytes.length)
  return { instances: [bytes], bytes: bytes.length }
}

/** A report's instances, divided so that each call keeps within what every adapter takes. */
export function encodedReports(questions: readonly Question[]): readonly Encoded[] | AdapterError {
  const batches: Encoded[] = []
  let instances: Uint8Array[] = []
  let size = 0
  for (const question of questions) {
    const bytes = question.bytes
    if (bytes === undefined) return withoutBytes(question)
    if (bytes.length > maxCallBytes) return tooLarge(question, bytes.length)
    if (instances.length >= maxCallInstances || size + bytes.length > maxCallBytes) {
      batches.push({ instances, bytes: size })
      instances = []
      size = 0
    }
    instances.push(bytes)
    size += bytes.length
  }
  batches.push({ instances, bytes: size })
  return batches
}

function withoutBytes(question: Question): AdapterError {
  return failure('ADAPTER_PROTOCOL', `Instance "${question.instanceName}" came without its bytes`)
}

function tooLarge(question: Question, found: number): AdapterError {
  return failure(
    'ADAPTER_LIMIT',
    `Instance "${question.instanceName}" has ${found} bytes; at most ${maxCallBytes} go to an adapter`,
  )
}
