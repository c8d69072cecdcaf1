import type { Buffer } from 'node:buffer'
import {
  readClose,
  readInvalidate,
  readLog,
  readNumber,
  readReason,
  writeClose,
  writeInvalidate,
  writeLog,
} from './control-codec.js'
import { ProtocolError } from './errors.js'
import type { AdapterFrame, Results, WireResult } from './frames.js'
import { readRef, readRefused, writeRef, writeRefused } from './handler-codec.js'
import { readAdapterHello, writeAdapterHello } from './hello-codec.js'
import { openFrame, refuseSecond } from './host-frames.js'
import type { Limits } from './limits.js'
import type { FrameReader } from './reader.js'
import { readResult, writeResult } from './result-codec.js'
import { FrameWriter } from './writer.js'

const numbers: Readonly<Record<AdapterFrame['kind'], number>> = {
  hello: 1,
  ready: 2,
  refused: 3,
  results: 4,
  credit: 5,
  ping: 6,
  pong: 7,
  drain: 8,
  close: 9,
  removed: 10,
  invalidate: 11,
  log: 12,
}

/** Encodes a frame that an adapter sends. Results under load are gathered by `ResultBatch` instead. */
export function encodeAdapterFrame(frame: AdapterFrame): Buffer {
  const writer = new FrameWriter(256)
  const start = writer.begin(numbers[frame.kind])
  switch (frame.kind) {
    case 'hello':
      writeAdapterHello(writer, frame)
      break
    case 'ready':
    case 'removed':
      writeRef(writer, frame)
      break
    case 'refused':
      writeRefused(writer, frame)
      break
    case 'results':
      for (const result of frame.results) writeResult(writer, result)
      writer.uint(2, frame.credits)
      break
    case 'credit':
      writer.uint(1, frame.credits)
      break
    case 'ping':
    case 'pong':
      writer.uint(1, frame.nonce)
      break
    case 'drain':
      writer.string(1, frame.reason)
      break
    case 'close':
      writeClose(writer, frame)
      break
    case 'invalidate':
      writeInvalidate(writer, frame)
      break
    case 'log':
      writeLog(writer, frame)
      break
  }
  writer.end(start)
  return writer.take()
}

/**
 * Decodes a frame from an adapter. Output bytes are views of `bytes`.
 * @param limits what this side announced.
 * @returns undefined for a kind of a later version: skip it.
 * @throws {ProtocolError}
 */
export function decodeAdapterFrame(bytes: Uint8Array, limits: Limits): AdapterFrame | undefined {
  const reader = openFrame(bytes, limits)
  let frame: AdapterFrame | undefined
  while (reader.at < reader.length) {
    const key = reader.key()
    const read = key === 34 ? readResults(reader, limits) : readOther(reader, key, limits)
    if (read === undefined) reader.skip(key)
    else {
      refuseSecond(frame)
      frame = read
    }
  }
  return frame
}

function readOther(reader: FrameReader, key: number, limits: Limits): AdapterFrame | undefined {
  switch (key) {
    case 10:
      return readAdapterHello(reader)
    case 18: {
      const { handler, generation } = readRef(reader)
      return { kind: 'ready', handler, generation }
    }
    case 26:
      return readRefused(reader)
    case 42:
      return { kind: 'credit', credits: readCredits(reader) }
    case 50:
      return { kind: 'ping', nonce: readNumber(reader) }
    case 58:
      return { kind: 'pong', nonce: readNumber(reader) }
    case 66:
      return { kind: 'drain', reason: readReason(reader) }
    case 74:
      return readClose(reader)
    case 82: {
      const { handler, generation } = readRef(reader)
      return { kind: 'removed', handler, generation }
    }
    case 90:
      return readInvalidate(reader, limits)
    case 98:
      return readLog(reader, limits)
    default:
      return undefined
  }
}

function readCredits(reader: FrameReader): number {
  const credits = readNumber(reader)
  if (credits > 0xffffffff) throw reader.malformed('credits above 2^32 - 1')
  return credits
}

function readResults(reader: FrameReader, limits: Limits): Results {
  const results: WireResult[] = []
  let credits = 0
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 10) {
      if (results.length >= limits.batchItems) {
        throw new ProtocolError(
          'PROTOCOL_BATCH_TOO_LARGE',
          `More than ${limits.batchItems} results in a frame`,
        )
      }
      results.push(readResult(reader, limits))
    } else if (key === 16) credits = reader.uint32()
    else reader.skip(key)
  }
  reader.leave(end)
  return { kind: 'results', results, credits }
}
