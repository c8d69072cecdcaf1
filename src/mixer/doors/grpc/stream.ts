import type { handleBidiStreamingCall } from '@grpc/grpc-js'
import type { Clock } from '../../engine/ports.js'
import type { OpenStreams } from '../open-streams.js'
import type { Refusal, StreamMethod, StreamReceiver, StreamSender } from '../service.js'
import { GrpcJsCall } from './metadata.js'

/** A stream method as grpc-js calls it. On the wire a client stream is a stream both ways with one answer. */
export function streamHandler(
  method: StreamMethod,
  open: OpenStreams,
  clock: Clock,
): handleBidiStreamingCall<Buffer, Buffer> {
  return call => {
    let over = false
    let receiver: StreamReceiver | undefined
    const sender: StreamSender = {
      send: message => !over && call.write(message),
      end: (refusal?: Refusal) => {
        if (over) return
        over = true
        if (receiver !== undefined) open.delete(receiver)
        if (refusal === undefined) call.end()
        else call.emit('error', { code: refusal.code, details: refusal.message })
      },
    }
    const incoming = new GrpcJsCall(call, clock)
    const opened = method.open(incoming, sender)
    receiver = opened
    if (!over) open.add(opened)
    call.on('data', (message: Buffer) => {
      if (!over) opened.message(message)
    })
    call.on('end', () => {
      if (!over) opened.ended()
    })
    call.on('cancelled', () => {
      if (over) return
      over = true
      open.delete(opened)
      incoming.onCancel.cancelled?.()
      opened.cancelled()
    })
    // The library reports a stream's own failures here; the caller learns of them by the status.
    call.on('error', () => {})
  }
}
