import { Instant } from '../../attributes/index.js'
import { type JsonObject, readStruct } from '../envoy/struct.js'
import { bytesType, varintType, WireReader } from '../wire/reader.js'
import {
  CommonFacts,
  HttpEntryFacts,
  readCommon,
  readRequestProperties,
  readResponseProperties,
} from './entry.js'

/** Who sends a stream of logs: told in its first message. Texts that are not there are empty. */
export interface Identifier {
  readonly logName: string
  readonly nodeId: string
  readonly cluster: string
  readonly version: string
  readonly metadata: JsonObject
}

export const unknownIdentifier: Identifier = {
  logName: '',
  nodeId: '',
  cluster: '',
  version: '',
  metadata: {},
}

/** One log entry, still encoded: where it stands in its message. */
export interface RawEntry {
  readonly message: Buffer
  readonly start: number
  readonly end: number
  readonly kind: 'http' | 'tcp'
}

/** One message of the stream: who (perhaps), and what. */
export interface LogMessage {
  readonly identifier: Identifier | undefined
  readonly entries: readonly RawEntry[]
}

const firstTag = (1 << 3) | bytesType
const httpTag = (2 << 3) | bytesType
const tcpTag = (3 << 3) | bytesType
const bytesTag = (field: number) => (field << 3) | bytesType

/** Reads a StreamAccessLogsMessage without looking into its entries. */
export function readMessage(message: Buffer): LogMessage | { readonly malformed: string } {
  const reader = new WireReader(message)
  const entries: RawEntry[] = []
  let identifier: Identifier | undefined
  while (reader.more()) {
    const tag = reader.tag()
    if (tag !== firstTag && tag !== httpTag && tag !== tcpTag) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    if (tag === firstTag) identifier = readIdentifier(reader)
    else
      while (reader.more()) {
        const inner = reader.tag()
        if (inner !== firstTag) {
          reader.skip(inner)
          continue
        }
        const length = reader.length()
        const start = reader.pos
        entries.push({ message, start, end: start + length, kind: tag === httpTag ? 'http' : 'tcp' })
        reader.pos = start + length
      }
    reader.leave(outer)
  }
  return reader.problem === undefined ? { identifier, entries } : { malformed: reader.problem }
}

function readIdentifier(reader: WireReader): Identifier {
  let logName = ''
  let nodeId = ''
  let cluster = ''
  let version = ''
  let metadata: JsonObject = {}
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === httpTag) {
      logName = reader.string()
      continue
    }
    if (tag !== firstTag) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    while (reader.more()) {
      const inner = reader.tag()
      if (inner === bytesTag(1)) nodeId = reader.string()
      else if (inner === bytesTag(2)) cluster = reader.string()
      else if (inner === bytesTag(7)) version = reader.string()
      else if (inner === bytesTag(3)) {
        const end = reader.enter()
        metadata = readStruct(reader)
        reader.leave(end)
      } else if (inner === bytesTag(8)) {
        const end = reader.enter()
        version = readBuildVersion(reader)
        reader.leave(end)
      } else reader.skip(inner)
    }
    reader.leave(outer)
  }
  return { logName, nodeId, cluster, version, metadata }
}

/** `major.minor.patch` of a BuildVersion. */
function readBuildVersion(reader: WireReader): string {
  const parts = [0, 0, 0]
  while (reader.more()) {
    const tag = reader.tag()
    if (tag !== firstTag) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    while (reader.more()) {
      const inner = reader.tag()
      const field = inner >>> 3
      if ((inner & 7) === varintType && field >= 1 && field <= 3) parts[field - 1] = reader.varint32()
      else reader.skip(inner)
    }
    reader.leave(outer)
  }
  return parts.join('.')
}

/** One entry, decoded. */
export interface LogEntry {
  readonly common: CommonFacts
  /** undefined: a TCP entry. */
  readonly http: HttpEntryFacts | undefined
  /** Bytes from and to the client; only of TCP entries. */
  readonly received: number
  readonly sent: number
}

/** Decodes an entry. Never throws. Source: reference wire-envoy-als, section 2. */
export function readEntry(raw: RawEntry): LogEntry | { readonly malformed: string } {
  const reader = new WireReader(raw.message, raw.start, raw.end)
  const common = new CommonFacts()
  const http = raw.kind === 'http' ? new HttpEntryFacts() : undefined
  let received = 0
  let sent = 0
  while (reader.more()) {
    const tag = reader.tag()
    const field = tag >>> 3
    if (http !== undefined && tag === ((2 << 3) | varintType)) http.protocol = reader.varint32()
    else if ((tag & 7) !== bytesType || field > 4) reader.skip(tag)
    else {
      const outer = reader.enter()
      if (field === 1) readCommon(reader, common)
      else if (http !== undefined && field === 3) readRequestProperties(reader, http)
      else if (http !== undefined && field === 4) readResponseProperties(reader, http)
      else if (http === undefined && field === 2) {
        while (reader.more()) {
          const inner = reader.tag()
          if (inner === ((1 << 3) | varintType)) received = Number(reader.int64())
          else if (inner === ((2 << 3) | varintType)) sent = Number(reader.int64())
          else reader.skip(inner)
        }
      } else reader.pos = reader.end
      reader.leave(outer)
    }
  }
  return reader.problem === undefined ? { common, http, received, sent } : { malformed: reader.problem }
}

/** An instant some nanoseconds later. */
export function later(instant: Instant, nanos: number): Instant {
  const sum = instant.nanos + nanos
  const seconds = Math.floor(sum / 1_000_000_000)
  return new Instant(instant.seconds + seconds, sum - seconds * 1_000_000_000)
}
