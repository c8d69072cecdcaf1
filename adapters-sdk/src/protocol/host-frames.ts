import type { Buffer } from 'node:buffer'
import { readCall, writeCall } from './call-codec.js'
import { readCancel, readClose, readNumber, readReason, writeCancel, writeClose } from './control-codec.js'
import { ProtocolError } from './errors.js'
import type { HostFrame, WireCall } from './frames.js'
import { readConfigure, readRef, writeConfigure, writeRef } from './handler-codec.js'
import { readHostHello, writeHostHello } from './hello-codec.js'
import type { Limits } from './limits.js'
import { FrameReader } from './reader.js'
import { FrameWriter } from './writer.js'

/** Encodes a frame that a host sends. Calls under load are gathered by `CallBatch` instead. */
export function encodeHostFrame(frame: HostFrame): Buffer {
  const writer = new FrameWriter(256)
  switch (frame.kind) {
    case 'hello': {
      const start = writer.begin(1)
      writeHostHello(writer, frame)
      writer.end(start)
      break
    }
    case 'configure': {
      const start = writer.begin(2)
      writeConfigure(writer, frame)
      writer.end(start)
      break
    }
    case 'remove': {
      const start = writer.begin(3)
      writeRef(writer, frame)
      writer.end(start)
      break
    }
    case 'calls': {
      const start = writer.begin(4)
      for (const call of frame.calls) writeCall(writer, call)
      writer.end(start)
      break
    }
    case 'cancel': {
      const start = writer.begin(5)
      writeCancel(writer, frame)
      writer.end(start)
      break
    }
    case 'ping':
    case 'pong': {
      const start = writer.begin(frame.kind === 'ping' ? 6 : 7)
      writer.uint(1, frame.nonce)
      writer.end(start)
      break
    }
    case 'drain': {
      const start = writer.begin(8)
      writer.string(1, frame.reason)
      writer.end(start)
      break
    }
    case 'close': {
      const start = writer.begin(9)
      writeClose(writer, frame)
      writer.end(start)
      break
    }
  }
  return writer.take()
}

/**
 * Decodes a frame from a host. Instances are views of `bytes`.
 * @param limits what this side announced.
 * @returns undefined for a kind of a later version: skip it.
 * @throws {ProtocolError}
 */
export function decodeHostFrame(bytes: Uint8Array, limits: Limits): HostFrame | undefined {
  const reader = openFrame(bytes, limits)
  let frame: HostFrame | undefined
  while (reader.at < reader.length) {
    const key = reader.key()
    if (key === 34) {
      refuseSecond(frame)
      frame = { kind: 'calls', calls: readCalls(reader, limits) }
      continue
    }
    const read = readOther(reader, key, limits)
    if (read === undefined) reader.skip(key)
    else {
      refuseSecond(frame)
      frame = read
    }
  }
  return frame
}

function readOther(reader: FrameReader, key: number, limits: Limits): HostFrame | undefined {
  switch (key) {
    case 10:
      return readHostHello(reader)
    case 18:
      return readConfigure(reader, limits)
    case 26: {
      const { handler, generation } = readRef(reader)
      return { kind: 'remove', handler, generation }
    }
    case 42:
      return readCancel(reader, limits)
    case 50:
      return { kind: 'ping', nonce: readNumber(reader) }
    case 58:
      return { kind: 'pong', nonce: readNumber(reader) }
    case 66:
      return { kind: 'drain', reason: readReason(reader) }
    case 74:
      return readClose(reader)
    default:
      return undefined
  }
}

function readCalls(reader: FrameReader, limits: Limits): readonly WireCall[] {
  const calls: WireCall[] = []
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key !== 10) {
      reader.skip(key)
      continue
    }
    if (calls.length >= limits.batchItems) {
      throw new ProtocolError('PROTOCOL_BATCH_TOO_LARGE', `More than ${limits.batchItems} calls in a frame`)
    }
    const call = readCall(reader)
    if (call.instances.length > limits.instancesPerCall) {
      throw new ProtocolError('PROTOCOL_LIMIT', `More than ${limits.instancesPerCall} instances in a call`)
    }
    calls.push(call)
  }
  reader.leave(end)
  return calls
}

/** Checks a frame's size and opens it for reading. */
export function openFrame(bytes: Uint8Array, limits: Limits): FrameReader {
  if (bytes.length > limits.frameBytes) {
    throw new ProtocolError(
      'PROTOCOL_FRAME_TOO_LARGE',
      `A frame of ${bytes.length} bytes; at most ${limits.frameBytes} are taken`,
    )
  }
  return new FrameReader(bytes)
}

/** A frame holds one thing. */
export function refuseSecond(already: unknown): void {
  if (already !== undefined) throw new ProtocolError('PROTOCOL_MALFORMED', 'A frame of two kinds at once')
}
