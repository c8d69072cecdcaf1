import { bytesType, varintType, type WireReader } from '../wire/reader.js'

/** What `TLSProperties` say. Texts that are not there are empty. */
export interface TlsFacts {
  readonly version: string
  readonly cipher: number
  readonly serverName: string
  readonly sessionId: string
  readonly ja3: string
  readonly local: CertificateNames | undefined
  readonly peer: CertificateNames | undefined
}

export interface CertificateNames {
  /** First URI, else first DNS name, else subject; or empty. */
  readonly principal: string
}

const versions = ['', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const
const bytesTag = (field: number) => (field << 3) | bytesType

/** Reads TLSProperties up to the reader's end. Source: reference wire-envoy-als, section 2. */
export function readTls(reader: WireReader): TlsFacts {
  let version = ''
  let cipher = 0
  let serverName = ''
  let sessionId = ''
  let ja3 = ''
  let local: CertificateNames | undefined
  let peer: CertificateNames | undefined
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === ((1 << 3) | varintType)) version = versions[reader.varint32()] ?? ''
    else if (tag === bytesTag(2)) cipher = readWrapped(reader)
    else if (tag === bytesTag(3)) serverName = reader.string()
    else if (tag === bytesTag(4)) local = readNames(reader)
    else if (tag === bytesTag(5)) peer = readNames(reader)
    else if (tag === bytesTag(6)) sessionId = reader.string()
    else if (tag === bytesTag(7)) ja3 = reader.string()
    else reader.skip(tag)
  }
  return { version, cipher, serverName, sessionId, ja3, local, peer }
}

/** A `UInt32Value`, entered and left. */
export function readWrapped(reader: WireReader): number {
  const outer = reader.enter()
  let value = 0
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === ((1 << 3) | varintType)) value = reader.varint32()
    else reader.skip(tag)
  }
  reader.leave(outer)
  return value
}

function readNames(reader: WireReader): CertificateNames {
  const outer = reader.enter()
  let uri = ''
  let dns = ''
  let subject = ''
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === bytesTag(2)) subject = reader.string()
    else if (tag === bytesTag(1)) {
      const end = reader.enter()
      while (reader.more()) {
        const inner = reader.tag()
        if (inner === bytesTag(1)) uri = uri === '' ? reader.string() : keep(reader, uri)
        else if (inner === bytesTag(2)) dns = dns === '' ? reader.string() : keep(reader, dns)
        else reader.skip(inner)
      }
      reader.leave(end)
    } else reader.skip(tag)
  }
  reader.leave(outer)
  return { principal: uri || dns || subject }
}

/** Passes over a text, and keeps an earlier one. */
function keep(reader: WireReader, earlier: string): string {
  const length = reader.length()
  reader.pos += length
  return earlier
}
