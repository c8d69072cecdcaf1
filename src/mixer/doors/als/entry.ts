import type { Instant, Int64 } from '../../attributes/index.js'
import { type PeerAddress, readAddress } from '../envoy/address.js'
import { type JsonObject, readFilterMetadata } from '../envoy/struct.js'
import { readPair } from '../ext-authz/request.js'
import { bytesType, varintType, type WireReader } from '../wire/reader.js'
import { readDuration, readTimestamp } from '../wire/well-known.js'
import { readResponseFlags } from './flags.js'
import { readTls, type TlsFacts } from './tls.js'

/** `AccessLogCommon`. Plain and mutable: one reader fills it. Source: reference wire-envoy-als, section 2. */
export class CommonFacts {
  remote: PeerAddress | undefined = undefined
  local: PeerAddress | undefined = undefined
  direct: PeerAddress | undefined = undefined
  upstream: PeerAddress | undefined = undefined
  tls: TlsFacts | undefined = undefined
  start: Instant | undefined = undefined
  /** By field number, nanoseconds: 6 to 12 are offsets from the start, 23 is the whole duration. */
  readonly spans: (Int64 | undefined)[] = []
  upstreamCluster = ''
  responseFlags = '-'
  metadata: Map<string, JsonObject> | undefined = undefined
  upstreamFailure = ''
  routeName = ''
  customTags: Map<string, string> | undefined = undefined
  attempts = 0
  termination = ''
  streamId = ''
  downstreamFailure = ''
  wireBytesSent: Int64 = 0
  wireBytesReceived: Int64 = 0
  logType = 0
  /** Old versions mark what is no end with this alone. */
  intermediate = false
}

const bytesTag = (field: number) => (field << 3) | bytesType
const varintTag = (field: number) => (field << 3) | varintType

/** Reads AccessLogCommon up to the reader's end. */
export function readCommon(reader: WireReader, facts: CommonFacts): void {
  while (reader.more()) {
    const tag = reader.tag()
    if ((tag & 7) === varintType) readNumber(reader, tag, facts)
    else if ((tag & 7) === bytesType) {
      const outer = reader.enter()
      readMessageOrText(reader, tag >>> 3, facts)
      reader.pos = reader.problem === undefined ? reader.end : reader.pos
      reader.leave(outer)
    } else reader.skip(tag)
  }
}

function readNumber(reader: WireReader, tag: number, facts: CommonFacts): void {
  if (tag === varintTag(24)) facts.attempts = reader.varint32()
  else if (tag === varintTag(27)) facts.intermediate = reader.bool()
  else if (tag === varintTag(29)) facts.wireBytesSent = reader.int64()
  else if (tag === varintTag(30)) facts.wireBytesReceived = reader.int64()
  else if (tag === varintTag(33)) facts.logType = reader.varint32()
  else reader.skip(tag)
}

/** A length-delimited field that has been entered. */
function readMessageOrText(reader: WireReader, field: number, facts: CommonFacts): void {
  switch (field) {
    case 2:
      facts.remote = readAddress(reader)
      return
    case 3:
      facts.local = readAddress(reader)
      return
    case 4:
      facts.tls = readTls(reader)
      return
    case 5:
      facts.start = readTimestamp(reader)
      return
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
    case 11:
    case 12:
    case 23:
      facts.spans[field] = readDuration(reader)
      return
    case 13:
      facts.upstream = readAddress(reader)
      return
    case 15:
      facts.upstreamCluster = enteredText(reader)
      return
    case 16:
      facts.responseFlags = readResponseFlags(reader)
      return
    case 17:
      facts.metadata = readFilterMetadata(reader)
      return
    case 18:
      facts.upstreamFailure = enteredText(reader)
      return
    case 19:
      facts.routeName = enteredText(reader)
      return
    case 20:
      facts.direct = readAddress(reader)
      return
    case 22:
      facts.customTags ??= new Map()
      readPair(reader, facts.customTags)
      return
    case 25:
      facts.termination = enteredText(reader)
      return
    case 26:
      facts.streamId = enteredText(reader)
      return
    case 28:
      facts.downstreamFailure = enteredText(reader)
      return
    default:
    // Not wanted; the caller goes to the end of the field.
  }
}

/** The rest of an entered field as text. */
export function enteredText(reader: WireReader): string {
  const text = reader.bytes.toString('utf8', reader.pos, reader.end)
  reader.pos = reader.end
  return text
}

/** `HTTPAccessLogEntry`, but for its common part. */
export class HttpEntryFacts {
  protocol = 0
  method = 0
  scheme = ''
  authority = ''
  path = ''
  userAgent = ''
  referer = ''
  forwardedFor = ''
  requestId = ''
  originalPath = ''
  requestHeadersBytes: Int64 = 0
  requestBodyBytes: Int64 = 0
  requestHeaders: Map<string, string> | undefined = undefined
  responseCode = 0
  responseHeadersBytes: Int64 = 0
  responseBodyBytes: Int64 = 0
  responseHeaders: Map<string, string> | undefined = undefined
  responseTrailers: Map<string, string> | undefined = undefined
  codeDetails = ''
}

/** Reads HTTPRequestProperties up to the reader's end. */
export function readRequestProperties(reader: WireReader, facts: HttpEntryFacts): void {
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === varintTag(1)) facts.method = reader.varint32()
    else if (tag === varintTag(11)) facts.requestHeadersBytes = reader.int64()
    else if (tag === varintTag(12)) facts.requestBodyBytes = reader.int64()
    else if (tag === bytesTag(2)) facts.scheme = reader.string()
    else if (tag === bytesTag(3)) facts.authority = reader.string()
    else if (tag === bytesTag(5)) facts.path = reader.string()
    else if (tag === bytesTag(6)) facts.userAgent = reader.string()
    else if (tag === bytesTag(7)) facts.referer = reader.string()
    else if (tag === bytesTag(8)) facts.forwardedFor = reader.string()
    else if (tag === bytesTag(9)) facts.requestId = reader.string()
    else if (tag === bytesTag(10)) facts.originalPath = reader.string()
    else if (tag === bytesTag(13)) {
      facts.requestHeaders ??= new Map()
      readEnteredPair(reader, facts.requestHeaders)
    } else reader.skip(tag)
  }
}

/** Reads HTTPResponseProperties up to the reader's end. */
export function readResponseProperties(reader: WireReader, facts: HttpEntryFacts): void {
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === varintTag(2)) facts.responseHeadersBytes = reader.int64()
    else if (tag === varintTag(3)) facts.responseBodyBytes = reader.int64()
    else if (tag === bytesTag(1)) facts.responseCode = readWrappedCode(reader)
    else if (tag === bytesTag(4)) {
      facts.responseHeaders ??= new Map()
      readEnteredPair(reader, facts.responseHeaders)
    } else if (tag === bytesTag(5)) {
      facts.responseTrailers ??= new Map()
      readEnteredPair(reader, facts.responseTrailers)
    } else if (tag === bytesTag(6)) facts.codeDetails = reader.string()
    else reader.skip(tag)
  }
}

function readWrappedCode(reader: WireReader): number {
  const outer = reader.enter()
  let value = 0
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === varintTag(1)) value = reader.varint32()
    else reader.skip(tag)
  }
  reader.leave(outer)
  return value
}

function readEnteredPair(reader: WireReader, into: Map<string, string>): void {
  const outer = reader.enter()
  readPair(reader, into)
  reader.leave(outer)
}
