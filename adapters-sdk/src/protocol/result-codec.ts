import type { AdapterErrorCode } from '../errors.js'
import type { WireResult } from './frames.js'
import type { Limits } from './limits.js'
import type { FrameReader } from './reader.js'
import { type AnswerProblem, overLimit } from './verdict-parts.js'
import { readVerdict } from './verdict-reader.js'
import { writeVerdict } from './verdict-writer.js'
import type { FrameWriter } from './writer.js'

/** The numbers of `FailureCode`; 0 is a code of a later version. */
const failureCodes: readonly AdapterErrorCode[] = [
  'ADAPTER_CRASHED',
  'ADAPTER_TIMEOUT',
  'ADAPTER_UNAVAILABLE',
  'ADAPTER_OVERLOADED',
  'ADAPTER_CRASHED',
  'ADAPTER_PROTOCOL',
  'ADAPTER_CANCELLED',
  'ADAPTER_DRAINING',
  'ADAPTER_UNCONFIGURED',
  'ADAPTER_LIMIT',
]

/** Appends one result as field 1 of `Results`. */
export function writeResult(writer: FrameWriter, result: WireResult): void {
  const start = writer.begin(1)
  writer.uint(1, result.id)
  switch (result.kind) {
    case 'verdict':
      writeVerdict(writer, 2, result.verdict, result.output)
      break
    case 'grant': {
      const grant = result.grant
      const at = writer.begin(3)
      if (grant.kind === 'granted') writer.sint64(3, grant.amount)
      else {
        writer.uint(1, grant.code)
        writer.string(2, grant.message)
      }
      writer.uint(4, Math.floor(grant.validForMs))
      writer.end(at)
      break
    }
    case 'reported':
      writer.end(writer.begin(4))
      break
    case 'produced': {
      const at = writer.begin(5)
      writer.bytes(1, result.output)
      if (result.validForMs !== undefined) {
        writer.varint(16)
        writer.varint(Math.floor(result.validForMs))
      }
      writer.end(at)
      break
    }
    case 'failed': {
      const at = writer.begin(6)
      writer.uint(1, failureCodes.lastIndexOf(result.code))
      writer.string(2, result.message)
      writer.end(at)
      break
    }
  }
  writer.end(start)
}

/**
 * Reads one result. An answer that is larger than the limits, or of a kind that we do not know, is read as a failed
 * one: it concerns its call only. Byte fields are views of the frame's bytes.
 */
export function readResult(reader: FrameReader, limits: Limits): WireResult {
  let id = 0
  let answer: Answer = nothing
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    switch (key) {
      case 8:
        id = reader.uint()
        break
      case 18: {
        const read = readVerdict(reader, limits)
        answer =
          read.problem === undefined
            ? { kind: 'verdict', verdict: read.verdict, output: read.output }
            : failed(read.problem)
        break
      }
      case 26:
        answer = readGrant(reader, limits)
        break
      case 34:
        reader.skip(key)
        answer = reported
        break
      case 42:
        answer = readProduced(reader, limits)
        break
      case 50:
        answer = readFailed(reader, limits)
        break
      default:
        reader.skip(key)
    }
  }
  reader.leave(end)
  return withId(id, answer)
}

type Answer = WireResult extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never

const reported: Answer = { kind: 'reported' }
const nothing: Answer = {
  kind: 'failed',
  code: 'ADAPTER_PROTOCOL',
  message: 'The answer is of an unknown kind',
}

function failed(problem: AnswerProblem): Answer {
  return { kind: 'failed', code: problem.code, message: problem.message }
}

/** One literal for each kind, so that results of a kind share a shape. */
function withId(id: number, answer: Answer): WireResult {
  switch (answer.kind) {
    case 'verdict':
      return { kind: 'verdict', id, verdict: answer.verdict, output: answer.output }
    case 'grant':
      return { kind: 'grant', id, grant: answer.grant }
    case 'reported':
      return { kind: 'reported', id }
    case 'produced':
      return { kind: 'produced', id, output: answer.output, validForMs: answer.validForMs }
    case 'failed':
      return { kind: 'failed', id, code: answer.code, message: answer.message }
  }
}

function readGrant(reader: FrameReader, limits: Limits): Answer {
  let code = 0
  let message = ''
  let amount = 0n
  let validForMs = 0
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) code = reader.uint32()
    else if (key === 18) message = reader.string().slice(0, limits.messageBytes)
    else if (key === 24) amount = reader.sint64()
    else if (key === 32) validForMs = reader.uint()
    else reader.skip(key)
  }
  reader.leave(end)
  const grant =
    code === 0
      ? ({ kind: 'granted', amount, validForMs } as const)
      : ({ kind: 'refused', code, message, validForMs } as const)
  return { kind: 'grant', grant }
}

const noBytes = new Uint8Array(0)

function readProduced(reader: FrameReader, limits: Limits): Answer {
  let output: Uint8Array = noBytes
  let validForMs: number | undefined
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 10) output = reader.bytes()
    else if (key === 16) validForMs = reader.uint()
    else reader.skip(key)
  }
  reader.leave(end)
  if (output.length > limits.outputBytes) return failed(overLimit('bytes of output', limits.outputBytes))
  return { kind: 'produced', output, validForMs }
}

function readFailed(reader: FrameReader, limits: Limits): Answer {
  let code = 0
  let message = ''
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) code = reader.uint()
    else if (key === 18) message = reader.string().slice(0, limits.messageBytes)
    else reader.skip(key)
  }
  reader.leave(end)
  return { kind: 'failed', code: failureCodes[code] ?? 'ADAPTER_CRASHED', message }
}
