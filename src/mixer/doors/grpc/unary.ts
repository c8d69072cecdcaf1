import { type handleUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js'
import type { Clock } from '../../engine/ports.js'
import type { Telemetry } from '../../telemetry/index.js'
import { guarded } from '../guarded.js'
import { type Answer, Refusal, type UnaryMethod } from '../service.js'
import { GrpcJsCall } from './metadata.js'

/** A unary method as grpc-js calls it. */
export function unaryHandler(
  method: UnaryMethod,
  maxMessageBytes: number,
  telemetry: Telemetry,
  clock: Clock,
): handleUnaryCall<Buffer, Buffer> {
  const answer = guarded(method, telemetry)
  return (call, callback) => {
    if (call.request.length > maxMessageBytes) {
      const details = `Received message larger than max (${call.request.length} vs. ${maxMessageBytes})`
      callback({ code: status.RESOURCE_EXHAUSTED, details })
      return
    }
    const incoming = new GrpcJsCall(call, clock)
    call.on('cancelled', () => incoming.onCancel.cancelled?.())
    const answered = answer(call.request, incoming)
    if (answered instanceof Promise) void answered.then(late => send(late, callback))
    else send(answered, callback)
  }
}

function send(answer: Answer, callback: sendUnaryData<Buffer>): void {
  if (answer instanceof Refusal) callback({ code: answer.code, details: answer.message })
  else callback(null, answer)
}
