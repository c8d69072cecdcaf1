import { ProtocolError } from './errors.js'
import type { Cancel, Close, Invalidate, Log, LogLevel } from './frames.js'
import { readPair } from './handler-codec.js'
import { readPacked } from './hello-codec.js'
import type { Limits } from './limits.js'
import type { FrameReader } from './reader.js'
import type { FrameWriter } from './writer.js'

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** A message of one unsigned integer, number 1: `ping`, `pong`, `credit`. */
export function readNumber(reader: FrameReader): number {
  let value = 0
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) value = reader.uint()
    else reader.skip(key)
  }
  reader.leave(end)
  return value
}

/** `drain`: one string, number 1. */
export function readReason(reader: FrameReader): string {
  return readPair(reader)[0]
}

export function writeCancel(writer: FrameWriter, frame: Cancel): void {
  const start = writer.begin(1)
  for (const id of frame.ids) writer.varint(id)
  writer.end(start)
}

export function readCancel(reader: FrameReader, limits: Limits): Cancel {
  const ids: number[] = []
  const take = (id: number) => {
    if (ids.length >= limits.batchItems) {
      throw new ProtocolError(
        'PROTOCOL_BATCH_TOO_LARGE',
        `More than ${limits.batchItems} ids in a cancel frame`,
      )
    }
    ids.push(id)
  }
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 10) readPacked(reader, take)
    else if (key === 8) take(reader.uint())
    else reader.skip(key)
  }
  reader.leave(end)
  return { kind: 'cancel', ids }
}

export function writeClose(writer: FrameWriter, frame: Close): void {
  writer.string(1, frame.code)
  writer.string(2, frame.message)
}

export function readClose(reader: FrameReader): Close {
  const [code, message] = readPair(reader)
  return { kind: 'close', code, message }
}

export function writeInvalidate(writer: FrameWriter, frame: Invalidate): void {
  writer.uint(1, frame.handler)
  for (const key of frame.keys) writer.stringAlways(2, key)
}

export function readInvalidate(reader: FrameReader, limits: Limits): Invalidate {
  let handler = 0
  const keys: string[] = []
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) handler = reader.uint32()
    else if (key === 18) {
      const cacheKey = reader.string()
      if (reader.lastLength > limits.cacheKeyBytes || keys.length >= limits.cacheKeys) {
        throw new ProtocolError('PROTOCOL_LIMIT', 'Too many or too long keys in an invalidate frame')
      }
      keys.push(cacheKey)
    } else reader.skip(key)
  }
  reader.leave(end)
  return { kind: 'invalidate', handler, keys }
}

export function writeLog(writer: FrameWriter, frame: Log): void {
  writer.uint(1, frame.handler)
  writer.uint(2, levels.indexOf(frame.level))
  writer.string(3, frame.message)
  writer.uint(4, frame.dropped)
}

/** Reads a log line; an unknown level is read as `info`, a message over the limit is cut. */
export function readLog(reader: FrameReader, limits: Limits): Log {
  let handler = 0
  let level: LogLevel = 'debug'
  let message = ''
  let dropped = 0
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) handler = reader.uint32()
    else if (key === 16) level = levels[reader.uint()] ?? 'info'
    else if (key === 26) message = reader.string()
    else if (key === 32) dropped = reader.uint()
    else reader.skip(key)
  }
  reader.leave(end)
  return { kind: 'log', handler, level, message: message.slice(0, limits.messageBytes), dropped }
}
