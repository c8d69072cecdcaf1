import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Refusal } from '../service.js'

/** The longest `grpc-message` sent, bytes as they are sent; the rest is cut. Clients bound their header lists. */
const maxMessageBytes = 4_096
const cut = '...'
const plain = /^[\x20-\x24\x26-\x7e]*$/
// Spaces around a header's value are not part of it, and the library drops the whole header for them.
const outerSpace = /^ | $/
const responseHeaders: OutgoingHttpHeaders = { ':status': 200, 'content-type': 'application/grpc' }
const okTrailers: OutgoingHttpHeaders = { 'grpc-status': '0' }
// gRPC has no use for the date that the library would add to each answer.
const withTrailers = { waitForTrailers: true, sendDate: false }
const headersOnly = { endStream: true, sendDate: false }

/** Percent-encoding of `grpc-message`, as the gRPC protocol over HTTP/2 defines it; no character is cut in two. */
export function encodeStatusMessage(message: string): string {
  if (message.length <= maxMessageBytes && plain.test(message) && !outerSpace.test(message)) return message
  let encoded = ''
  let left = message.length
  for (const character of message) {
    left -= character.length
    const isOuterSpace = character === ' ' && (encoded === '' || left === 0)
    const bytes = isOuterSpace ? '%20' : encodeCharacter(character)
    if (encoded.length + bytes.length > maxMessageBytes) return encoded + cut
    encoded += bytes
  }
  return encoded
}

function encodeCharacter(character: string): string {
  if (plain.test(character)) return character
  let encoded = ''
  for (const byte of Buffer.from(character)) encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  return encoded
}

function trailersOf(refusal: Refusal): OutgoingHttpHeaders {
  const trailers: OutgoingHttpHeaders = { 'grpc-status': String(refusal.code) }
  if (refusal.message !== '') trailers['grpc-message'] = encodeStatusMessage(refusal.message)
  return trailers
}

/** The five bytes before a message: not compressed, and its length. */
export function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(message.length + 5)
  frame[0] = 0
  frame.writeUInt32BE(message.length, 1)
  message.copy(frame, 5)
  return frame
}

/** Whether the stream can still be answered. */
export function isOpen(stream: ServerHttp2Stream): boolean {
  return !stream.destroyed && !stream.closed
}

/** Sends the headers of an answer; its status will follow in trailers. */
export function beginAnswer(stream: ServerHttp2Stream, status: () => Refusal | undefined): void {
  stream.respond(responseHeaders, withTrailers)
  stream.on('wantTrailers', () => {
    const refusal = status()
    if (isOpen(stream)) stream.sendTrailers(refusal === undefined ? okTrailers : trailersOf(refusal))
  })
}

function sendOk(this: ServerHttp2Stream): void {
  if (isOpen(this)) this.sendTrailers(okTrailers)
}

/** Answers a unary call with a message. */
export function sendMessage(stream: ServerHttp2Stream, message: Buffer): void {
  if (!isOpen(stream)) return
  stream.respond(responseHeaders, withTrailers)
  stream.on('wantTrailers', sendOk)
  stream.end(framed(message))
}

/** Answers a call without any message, in one header block. */
export function sendRefusal(
  stream: ServerHttp2Stream,
  refusal: Refusal,
  more: OutgoingHttpHeaders = {},
): void {
  if (!isOpen(stream)) return
  stream.respond({ ...responseHeaders, ...more, ...trailersOf(refusal) }, headersOnly)
}

/** Answers what is no gRPC call. */
export function sendHttpStatus(stream: ServerHttp2Stream, status: number): void {
  if (isOpen(stream)) stream.respond({ ':status': status }, headersOnly)
}
