import type { Instant } from '../../attributes/index.js'
import { type PeerAddress, readAddress } from '../envoy/address.js'
import { type JsonObject, readFilterMetadata } from '../envoy/struct.js'
import { WireHeaders } from '../envoy/wire-headers.js'
import { bytesType, varintType, WireReader } from '../wire/reader.js'
import { readTimestamp } from '../wire/well-known.js'

/**
 * What a `CheckRequest` of Envoy says, read field by field. Source: reference wire-envoy-auth, 2.1. A text that is not
 * there is empty, as in proto3. The classes are plain and mutable: one reader fills them, nobody else.
 */
export class CheckFacts {
  source: PeerFacts | undefined = undefined
  destination: PeerFacts | undefined = undefined
  time: Instant | undefined = undefined
  /** undefined: a TCP caller. */
  http: HttpFacts | undefined = undefined
  sni = ''
  extensions: Map<string, string> | undefined = undefined
  metadata: Map<string, JsonObject> | undefined = undefined
  routeMetadata: Map<string, JsonObject> | undefined = undefined
}

export class PeerFacts {
  address: PeerAddress | undefined = undefined
  service = ''
  labels: Map<string, string> | undefined = undefined
  principal = ''
  certificate = ''
}

export class HttpFacts {
  readonly headers: WireHeaders
  id = ''
  method = ''
  path = ''
  host = ''
  scheme = ''
  protocol = ''
  /** -1 when unknown, as Envoy says it. */
  size = 0
  body = ''
  rawBody: Buffer | undefined = undefined

  constructor(bytes: Buffer) {
    this.headers = new WireHeaders(bytes)
  }
}

/** The fields of AttributeContext. */
const context = {
  source: (1 << 3) | bytesType,
  destination: (2 << 3) | bytesType,
  request: (4 << 3) | bytesType,
  extensions: (10 << 3) | bytesType,
  metadata: (11 << 3) | bytesType,
  tlsSession: (12 << 3) | bytesType,
  routeMetadata: (13 << 3) | bytesType,
} as const
const firstTag = (1 << 3) | bytesType
const secondTag = (2 << 3) | bytesType

/** Decodes a CheckRequest; never throws. `malformed` says what was wrong with the bytes. */
export function decodeCheckRequest(message: Buffer): CheckFacts | { readonly malformed: string } {
  const reader = new WireReader(message)
  const facts = new CheckFacts()
  while (reader.more()) {
    const tag = reader.tag()
    if (tag !== firstTag) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    readContext(reader, facts)
    reader.leave(outer)
  }
  return reader.problem === undefined ? facts : { malformed: reader.problem }
}

function readContext(reader: WireReader, facts: CheckFacts): void {
  while (reader.more()) {
    const tag = reader.tag()
    if ((tag & 7) !== bytesType) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    switch (tag) {
      case context.source:
        facts.source ??= new PeerFacts()
        readPeer(reader, facts.source)
        break
      case context.destination:
        facts.destination ??= new PeerFacts()
        readPeer(reader, facts.destination)
        break
      case context.request:
        readRequest(reader, facts)
        break
      case context.extensions:
        facts.extensions ??= new Map()
        readPair(reader, facts.extensions)
        break
      case context.metadata:
        facts.metadata = readFilterMetadata(reader)
        break
      case context.tlsSession:
        while (reader.more()) {
          const inner = reader.tag()
          if (inner === firstTag) facts.sni = reader.string()
          else reader.skip(inner)
        }
        break
      case context.routeMetadata:
        facts.routeMetadata = readFilterMetadata(reader)
        break
      default:
        reader.pos = reader.end
    }
    reader.leave(outer)
  }
}

/** One entry of a `map<string, string>`, up to the reader's end. */
export function readPair(reader: WireReader, into: Map<string, string>): void {
  let key = ''
  let value = ''
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === firstTag) key = reader.string()
    else if (tag === secondTag) value = reader.string()
    else reader.skip(tag)
  }
  into.set(key, value)
}

function readPeer(reader: WireReader, peer: PeerFacts): void {
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === firstTag) {
      const outer = reader.enter()
      peer.address = readAddress(reader)
      reader.leave(outer)
    } else if (tag === secondTag) peer.service = reader.string()
    else if (tag === ((3 << 3) | bytesType)) {
      const outer = reader.enter()
      peer.labels ??= new Map()
      readPair(reader, peer.labels)
      reader.leave(outer)
    } else if (tag === ((4 << 3) | bytesType)) peer.principal = reader.string()
    else if (tag === ((5 << 3) | bytesType)) peer.certificate = reader.string()
    else reader.skip(tag)
  }
}

function readRequest(reader: WireReader, facts: CheckFacts): void {
  while (reader.more()) {
    const tag = reader.tag()
    if (tag !== firstTag && tag !== secondTag) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    if (tag === firstTag) facts.time = readTimestamp(reader)
    else {
      facts.http ??= new HttpFacts(reader.bytes)
      readHttp(reader, facts.http)
    }
    reader.leave(outer)
  }
}

function readHttp(reader: WireReader, http: HttpFacts): void {
  while (reader.more()) {
    const tag = reader.tag()
    switch (tag) {
      case (1 << 3) | bytesType:
        http.id = reader.string()
        break
      case (2 << 3) | bytesType:
        http.method = reader.string()
        break
      case (3 << 3) | bytesType:
        readHeader(reader, http.headers, 2)
        break
      case (4 << 3) | bytesType:
        http.path = reader.string()
        break
      case (5 << 3) | bytesType:
        http.host = reader.string()
        break
      case (6 << 3) | bytesType:
        http.scheme = reader.string()
        break
      case (9 << 3) | varintType:
        http.size = Number(reader.int64())
        break
      case (10 << 3) | bytesType:
        http.protocol = reader.string()
        break
      case (11 << 3) | bytesType:
        http.body = reader.string()
        break
      case (12 << 3) | bytesType: {
        const length = reader.length()
        http.rawBody = reader.bytes.subarray(reader.pos, reader.pos + length)
        reader.pos += length
        break
      }
      case (13 << 3) | bytesType: {
        const outer = reader.enter()
        while (reader.more()) {
          const inner = reader.tag()
          if (inner === firstTag) readHeader(reader, http.headers, 3)
          else reader.skip(inner)
        }
        reader.leave(outer)
        break
      }
      default:
        reader.skip(tag)
    }
  }
}

/**
 * One header: an entry of the map (key 1, value 2), or a HeaderValue (key 1, value 2 or raw_value 3). Only the places
 * of name and value are noted.
 */
function readHeader(reader: WireReader, headers: WireHeaders, lastValueField: 2 | 3): void {
  const outer = reader.enter()
  let nameStart = reader.pos
  let nameEnd = reader.pos
  let valueStart = reader.pos
  let valueEnd = reader.pos
  while (reader.more()) {
    const tag = reader.tag()
    const field = tag >>> 3
    if ((tag & 7) !== bytesType || field > lastValueField) {
      reader.skip(tag)
      continue
    }
    const length = reader.length()
    if (field === 1) {
      nameStart = reader.pos
      nameEnd = nameStart + length
    } else if (length > 0) {
      valueStart = reader.pos
      valueEnd = valueStart + length
    }
    reader.pos += length
  }
  reader.leave(outer)
  headers.add(nameStart, nameEnd, valueStart, valueEnd)
}
