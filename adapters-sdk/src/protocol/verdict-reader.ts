import type { Allow, Caching, Deny, DirectResponse, HeaderOperation, Metadata } from '../verdict.js'
import type { Limits } from './limits.js'
import type { FrameReader } from './reader.js'
import {
  type AnswerProblem,
  emptyMetadata,
  type MetadataUnderway,
  overLimit,
  readDirect,
  readMetadataEntry,
  readOperation,
} from './verdict-parts.js'

const noHeaders: readonly HeaderOperation[] = Object.freeze([])
const noMetadata: Metadata = Object.freeze({})
const noOutput = Object.freeze({})
const noKeys: readonly string[] = Object.freeze([])
const noOpinion: Caching = Object.freeze({ kind: 'no-opinion' })
const doNotCache: Caching = Object.freeze({ kind: 'do-not-cache' })

/** A verdict as read, or why it cannot be taken: larger than the limits, or of a kind we do not know. */
export type ReadVerdict =
  | {
      readonly verdict: Allow | Deny
      readonly output: Uint8Array | undefined
      readonly problem: undefined
    }
  | { readonly problem: AnswerProblem }

/** Reads a `Verdict`. */
export function readVerdict(reader: FrameReader, limits: Limits): ReadVerdict {
  let code = 0
  let message = ''
  let caching = 0
  let validForMs = 0
  let validUses = 0
  let direct: DirectResponse | undefined
  let headers: HeaderOperation[] | undefined
  let metadata: MetadataUnderway | undefined
  let metadataEntries = 0
  let output: Uint8Array | undefined
  let cacheKeys: string[] | undefined
  let problem: AnswerProblem | undefined
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    switch (key) {
      case 8:
        code = reader.uint32()
        break
      case 18:
        message = reader.string().slice(0, limits.messageBytes)
        break
      case 24:
        caching = reader.uint()
        break
      case 32:
        validForMs = reader.uint()
        break
      case 40:
        validUses = reader.uint32()
        break
      case 50: {
        const read = readDirect(reader, limits)
        direct = read.direct
        problem ??= read.problem
        break
      }
      case 58: {
        headers ??= []
        const read = readOperation(reader, limits)
        if (headers.length >= limits.headerOperations) {
          problem ??= overLimit('header operations', limits.headerOperations)
        } else if ('code' in read) problem ??= read
        else headers.push(read)
        break
      }
      case 66: {
        metadata ??= emptyMetadata()
        if (++metadataEntries > limits.metadataEntries) {
          problem ??= overLimit('metadata entries', limits.metadataEntries)
        }
        readMetadataEntry(reader, metadata)
        break
      }
      case 74:
        output = reader.bytes()
        if (output.length > limits.outputBytes) problem ??= overLimit('bytes of output', limits.outputBytes)
        break
      case 82: {
        cacheKeys ??= []
        const cacheKey = reader.string()
        if (cacheKeys.length >= limits.cacheKeys) problem ??= overLimit('cache keys', limits.cacheKeys)
        else cacheKeys.push(cacheKey)
        if (reader.lastLength > limits.cacheKeyBytes) {
          problem ??= overLimit('bytes in a cache key', limits.cacheKeyBytes)
        }
        break
      }
      default:
        reader.skip(key)
    }
  }
  reader.leave(end)
  if (problem !== undefined) return { problem }
  const held = cachingOf(caching, validForMs, validUses)
  if (held === undefined) {
    return { problem: { code: 'ADAPTER_PROTOCOL', message: `The answer has an unknown caching ${caching}` } }
  }
  const verdict: Allow | Deny =
    code === 0
      ? {
          kind: 'allow',
          caching: held,
          headers: headers ?? noHeaders,
          metadata: metadata ?? noMetadata,
          output: noOutput,
          cacheKeys: cacheKeys ?? noKeys,
        }
      : {
          kind: 'deny',
          code,
          message,
          direct,
          caching: held,
          metadata: metadata ?? noMetadata,
          cacheKeys: cacheKeys ?? noKeys,
        }
  // An empty output message says nothing, and protobuf libraries leave it out.
  return { verdict, output: output?.length === 0 ? undefined : output, problem: undefined }
}

function cachingOf(kind: number, forMs: number, zigzagUses: number): Caching | undefined {
  if (kind === 0) return noOpinion
  if (kind === 1) return doNotCache
  if (kind !== 2) return undefined
  return { kind: 'valid', forMs, uses: zigzagUses % 2 === 1 ? -1 : zigzagUses / 2 }
}
