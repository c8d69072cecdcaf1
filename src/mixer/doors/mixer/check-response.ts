import type { HeaderOperation } from '@outboard/adapters-sdk'
import type { Decided, QuotaAnswer, RouteDirective } from '../../engine/api.js'
import { writeDurationMs } from '../wire/well-known.js'
import { WireWriter } from '../wire/writer.js'
import { writeReferences } from './references.js'
import type { SlotTable } from './slots.js'

const writer = new WireWriter()

/** `HeaderOperation.Operation`. */
const operationNumber = { replace: 0, remove: 1, append: 2 } as const

/**
 * Encodes a CheckResponse. Source: reference wire-mixer-v1, 2.1 and 10.
 *
 * `status` and `valid_duration` are always written, also when they are empty: a proxy takes a verdict without
 * `valid_duration` for one that never expires. An answer that depends on a whole string map cannot say so, and gets
 * `valid_use_count` 0, so that the proxy does not use it for another request.
 */
export function encodeCheckResponse(answer: Decided, table: SlotTable, globalWordCount: number): Buffer {
  if (answer.code === 0) {
    for (let i = answer.quotas.length - 1; i >= 0; i--) writeQuota(answer.quotas[i]!, table, globalWordCount)
  }
  const precondition = writer.mark()
  if (answer.directive !== undefined) writeDirective(answer.directive)
  const references = writer.mark()
  const { complete } = writeReferences(writer, answer.references, table, globalWordCount)
  writer.nested(5, references)
  const uses = complete ? answer.validUses : 0
  if (uses !== 0) writer.int64(3, uses)
  const duration = writer.mark()
  writeDurationMs(writer, answer.validForMs)
  writer.nested(2, duration)
  writeStatus(1, answer.code, answer.message)
  writer.nested(2, precondition)
  return writer.finish()
}

function writeStatus(field: number, code: number, message: string): void {
  const mark = writer.mark()
  if (message !== '') writer.string(2, message)
  if (code !== 0) writer.int64(1, code)
  writer.nested(field, mark)
}

function writeQuota(quota: QuotaAnswer, table: SlotTable, globalWordCount: number): void {
  const entry = writer.mark()
  const value = writer.mark()
  writeStatus(6, quota.code, quota.message)
  const references = writer.mark()
  const { complete } = writeReferences(writer, quota.references, table, globalWordCount)
  writer.nested(5, references)
  if (quota.amount !== 0n) writer.int64(2, quota.amount)
  const duration = writer.mark()
  // A grant that cannot be keyed must not be handed to other requests: it ends at once.
  writeDurationMs(writer, complete ? quota.validForMs : 0)
  writer.nested(1, duration)
  writer.nested(2, value)
  writer.string(1, quota.name)
  writer.nested(3, entry)
}

function writeDirective(directive: RouteDirective): void {
  const mark = writer.mark()
  if (directive.directBody !== '') writer.string(4, directive.directBody)
  if (directive.directStatus !== 0) writer.uint32(3, directive.directStatus)
  writeOperations(2, 'response', directive.operations)
  writeOperations(1, 'request', directive.operations)
  writer.nested(6, mark)
}

function writeOperations(field: number, on: HeaderOperation['on'], operations: readonly HeaderOperation[]) {
  for (let i = operations.length - 1; i >= 0; i--) {
    const { on: target, operation, name, value } = operations[i]!
    if (target !== on) continue
    const mark = writer.mark()
    const number = operationNumber[operation]
    if (number !== 0) writer.uint32(3, number)
    if (value !== '') writer.string(2, value)
    writer.string(1, name)
    writer.nested(field, mark)
  }
}
