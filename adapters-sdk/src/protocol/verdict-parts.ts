import type { DirectResponse, HeaderOperation } from '../verdict.js'
import type { Limits } from './limits.js'
import type { FrameReader } from './reader.js'
import { onNames, operationNames } from './verdict-numbers.js'

/** Why one answer cannot be taken. It fails its call, not the session. */
export interface AnswerProblem {
  readonly code: 'ADAPTER_LIMIT' | 'ADAPTER_PROTOCOL'
  readonly message: string
}

export function overLimit(what: string, limit: number): AnswerProblem {
  return { code: 'ADAPTER_LIMIT', message: `The answer has more than ${limit} ${what}` }
}

/** Metadata while it is read. Without a prototype, so that no name is special. */
export type MetadataUnderway = Record<string, string | number | boolean>

export function emptyMetadata(): MetadataUnderway {
  return Object.create(null)
}

export function readDirect(
  reader: FrameReader,
  limits: Limits,
): { direct: DirectResponse; problem: AnswerProblem | undefined } {
  let httpStatus = 0
  let body = ''
  const headers: (readonly [string, string])[] = []
  let problem: AnswerProblem | undefined
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    switch (key) {
      case 8:
        httpStatus = reader.uint32()
        if (httpStatus !== 0 && (httpStatus < 100 || httpStatus > 599)) {
          problem ??= { code: 'ADAPTER_PROTOCOL', message: `The answer has HTTP status ${httpStatus}` }
        }
        break
      case 18:
        body = reader.string()
        if (reader.lastLength > limits.bodyBytes) problem ??= overLimit('bytes of body', limits.bodyBytes)
        break
      case 26: {
        const start = reader.at
        const header = readHeader(reader)
        if (reader.at - start > limits.headerBytes) {
          problem ??= overLimit('bytes in a header', limits.headerBytes)
        }
        if (headers.length >= limits.headerOperations) {
          problem ??= overLimit('headers', limits.headerOperations)
        } else headers.push(header)
        break
      }
      default:
        reader.skip(key)
    }
  }
  reader.leave(end)
  return { direct: { httpStatus, body, headers }, problem }
}

function readHeader(reader: FrameReader): readonly [string, string] {
  let name = ''
  let value = ''
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 10) name = reader.string()
    else if (key === 18) value = reader.string()
    else reader.skip(key)
  }
  reader.leave(end)
  return [name, value]
}

export function readOperation(reader: FrameReader, limits: Limits): HeaderOperation | AnswerProblem {
  let onNumber = 0
  let operationNumber = 0
  let name = ''
  let value = ''
  const end = reader.enter()
  const start = reader.at
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) onNumber = reader.uint()
    else if (key === 16) operationNumber = reader.uint()
    else if (key === 26) name = reader.string()
    else if (key === 34) value = reader.string()
    else reader.skip(key)
  }
  reader.leave(end)
  if (end - start > limits.headerBytes) return overLimit('bytes in a header', limits.headerBytes)
  const on = onNames[onNumber]
  const operation = operationNames[operationNumber]
  if (on === undefined || operation === undefined) {
    return { code: 'ADAPTER_PROTOCOL', message: 'The answer has an unknown header operation' }
  }
  return { on, operation, name, value }
}

export function readMetadataEntry(reader: FrameReader, into: MetadataUnderway): void {
  let name = ''
  let value: string | number | boolean | undefined
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 10) name = reader.string()
    else if (key === 18) value = reader.string()
    else if (key === 25) value = reader.double()
    else if (key === 32) value = reader.bool()
    else reader.skip(key)
  }
  reader.leave(end)
  if (value !== undefined) into[name] = value
}
