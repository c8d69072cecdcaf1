import type { SettingsProblem } from '../errors.js'
import { ProtocolError } from './errors.js'
import type { Configure, HandlerRef, Refused } from './frames.js'
import type { Limits } from './limits.js'
import type { FrameReader } from './reader.js'
import type { FrameWriter } from './writer.js'

/** Instances named in one `configure`. */
export const maxConfiguredInstances = 65_536
/** Problems in one `refused`; senders leave out what is more. */
export const maxProblems = 256

/** `remove`, `ready` and `removed`: a handler and a generation. */
export function writeRef(writer: FrameWriter, ref: HandlerRef): void {
  writer.uint(1, ref.handler)
  writer.uint(2, ref.generation)
}

export function readRef(reader: FrameReader): HandlerRef {
  let handler = 0
  let generation = 0
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) handler = reader.uint32()
    else if (key === 16) generation = reader.uint32()
    else reader.skip(key)
  }
  reader.leave(end)
  return { handler, generation }
}

export function writeConfigure(writer: FrameWriter, frame: Configure): void {
  writeRef(writer, frame)
  writer.string(3, frame.id)
  writer.string(4, frame.adapter)
  writer.string(5, frame.settings)
  for (const instance of frame.instances) {
    const start = writer.begin(6)
    writer.string(1, instance.name)
    writer.string(2, instance.template)
    writer.end(start)
  }
}

export function readConfigure(reader: FrameReader, limits: Limits): Configure {
  let handler = 0
  let generation = 0
  let id = ''
  let adapter = ''
  let settings = ''
  const instances: { name: string; template: string }[] = []
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) handler = reader.uint32()
    else if (key === 16) generation = reader.uint32()
    else if (key === 26) id = reader.string()
    else if (key === 34) adapter = reader.string()
    else if (key === 42) {
      settings = reader.string()
      if (reader.lastLength > limits.settingsBytes) {
        throw new ProtocolError('PROTOCOL_LIMIT', `Settings of more than ${limits.settingsBytes} bytes`)
      }
    } else if (key === 50) {
      const [name, template] = readPair(reader)
      if (instances.length >= maxConfiguredInstances) {
        throw new ProtocolError(
          'PROTOCOL_LIMIT',
          `More than ${maxConfiguredInstances} instances of a handler`,
        )
      }
      instances.push({ name, template })
    } else reader.skip(key)
  }
  reader.leave(end)
  return { kind: 'configure', handler, generation, id, adapter, settings, instances }
}

export function writeRefused(writer: FrameWriter, frame: Refused): void {
  writeRef(writer, frame)
  for (const problem of frame.problems.slice(0, maxProblems)) {
    const start = writer.begin(3)
    writer.string(1, problem.path)
    writer.string(2, problem.message)
    writer.end(start)
  }
  writer.bool(4, frame.retryable)
}

export function readRefused(reader: FrameReader): Refused {
  let handler = 0
  let generation = 0
  let retryable = false
  const problems: SettingsProblem[] = []
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) handler = reader.uint32()
    else if (key === 16) generation = reader.uint32()
    else if (key === 26) {
      const [path, message] = readPair(reader)
      if (problems.length < maxProblems) problems.push({ path, message })
    } else if (key === 32) retryable = reader.bool()
    else reader.skip(key)
  }
  reader.leave(end)
  return { kind: 'refused', handler, generation, problems, retryable }
}

/** A message of two strings, numbered 1 and 2. */
export function readPair(reader: FrameReader): readonly [string, string] {
  let first = ''
  let second = ''
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 10) first = reader.string()
    else if (key === 18) second = reader.string()
    else reader.skip(key)
  }
  reader.leave(end)
  return [first, second]
}
