import type { Verb, WireCall } from './frames.js'
import type { FrameReader } from './reader.js'
import type { FrameWriter } from './writer.js'

const verbNumbers: Readonly<Record<Verb, number>> = { unknown: 0, check: 1, quota: 2, report: 3, produce: 4 }
const verbs: readonly Verb[] = ['unknown', 'check', 'quota', 'report', 'produce']

/** Appends one call as field 1 of `Calls`. */
export function writeCall(writer: FrameWriter, call: WireCall): void {
  const start = writer.begin(1)
  writer.uint(1, call.id)
  writer.uint(2, call.handler)
  writer.uint(3, call.generation)
  writer.uint(4, call.template)
  writer.uint(5, verbNumbers[call.verb])
  writer.uint(6, call.deadlineMs)
  writer.string(7, call.dedupId)
  writer.string(8, call.traceparent)
  for (const instance of call.instances) writer.bytes(9, instance)
  if (call.quota !== undefined) {
    writer.sint64(10, call.quota.amount)
    writer.bool(11, call.quota.bestEffort)
  }
  writer.end(start)
}

/** Reads one call. Instances are views of the frame's bytes. */
export function readCall(reader: FrameReader): WireCall {
  let id = 0
  let handler = 0
  let generation = 0
  let template = 0
  let verb: Verb = 'unknown'
  let deadlineMs = 0
  let dedupId = ''
  let traceparent = ''
  const instances: Uint8Array[] = []
  let amount = 0n
  let bestEffort = false
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    // Keys are (field number << 3) | wire type, written out because this is the hottest loop of the adapter's side.
    switch (key) {
      case 8:
        id = reader.uint()
        break
      case 16:
        handler = reader.uint32()
        break
      case 24:
        generation = reader.uint32()
        break
      case 32:
        template = reader.uint32()
        break
      case 40:
        verb = verbs[reader.uint()] ?? 'unknown'
        break
      case 48:
        deadlineMs = reader.uint()
        break
      case 58:
        dedupId = reader.string()
        break
      case 66:
        traceparent = reader.string()
        break
      case 74:
        instances.push(reader.bytes())
        break
      case 80:
        amount = reader.sint64()
        break
      case 88:
        bestEffort = reader.bool()
        break
      default:
        reader.skip(key)
    }
  }
  reader.leave(end)
  const quota = verb === 'quota' ? { amount, bestEffort } : undefined
  return { id, handler, generation, template, verb, deadlineMs, dedupId, traceparent, instances, quota }
}
