import { encodeStatusMessage } from '../exchange/status-message.js'
import type { Refusal } from '../service.js'
import { encodeHeaders } from './hpack.js'
import { writeFrameHeader } from './output.js'
import { flag, frameHeaderBytes, frameType } from './protocol.js'

/** Header blocks that are the same for every answer. */
export const answerHeaders = encodeHeaders([
  [':status', '200'],
  ['content-type', 'application/grpc'],
])
export const okTrailers = encodeHeaders([['grpc-status', '0']])
const acceptEncoding = ['grpc-accept-encoding', 'identity,gzip,deflate'] as const

function statusFields(refusal: Refusal): (readonly [string, string])[] {
  const status = ['grpc-status', String(refusal.code)] as const
  return refusal.message === '' ? [status] : [status, ['grpc-message', encodeStatusMessage(refusal.message)]]
}

/** The trailers of a call that had begun to answer. */
export function refusalTrailers(refusal: Refusal): Buffer {
  return encodeHeaders(statusFields(refusal))
}

/** The one block of headers of a call that is refused. */
export function refusalHeaders(refusal: Refusal): Buffer {
  return encodeHeaders([
    [':status', '200'],
    ['content-type', 'application/grpc'],
    acceptEncoding,
    ...statusFields(refusal),
  ])
}

/** The answer to what is no gRPC call. */
export function httpStatusHeaders(status: number): Buffer {
  return encodeHeaders([[':status', String(status)]])
}

/** The five bytes before a message: not compressed, and its length. */
export const messageHeaderBytes = 5

export function framedMessage(message: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(messageHeaderBytes + message.length)
  bytes[0] = 0
  bytes.writeUInt32BE(message.length, 1)
  message.copy(bytes, messageHeaderBytes)
  return bytes
}

/** A whole unary answer (headers, one message, trailers) in one piece; for messages that fit one frame. */
export function wholeAnswer(stream: number, message: Buffer): Buffer {
  const body = messageHeaderBytes + message.length
  const bytes = Buffer.allocUnsafe(3 * frameHeaderBytes + answerHeaders.length + body + okTrailers.length)
  writeFrameHeader(bytes, 0, answerHeaders.length, frameType.headers, flag.endHeaders, stream)
  let at = frameHeaderBytes
  at += answerHeaders.copy(bytes, at)
  writeFrameHeader(bytes, at, body, frameType.data, 0, stream)
  at += frameHeaderBytes
  bytes[at] = 0
  bytes.writeUInt32BE(message.length, at + 1)
  at += messageHeaderBytes
  at += message.copy(bytes, at)
  writeFrameHeader(bytes, at, okTrailers.length, frameType.headers, flag.endHeaders | flag.endStream, stream)
  okTrailers.copy(bytes, at + frameHeaderBytes)
  return bytes
}
