import { bytesType, varintType, type WireReader } from '../wire/reader.js'
import { parseIp } from './ip.js'

/** `envoy.config.core.v3.Address`. */
export interface PeerAddress {
  readonly ip: Uint8Array | undefined
  /** undefined: none was given (0 is none). */
  readonly port: number | undefined
  /** The path of a pipe, or the name of an internal listener. */
  readonly name: string | undefined
}

const socketTag = (1 << 3) | bytesType
const pipeTag = (2 << 3) | bytesType
const internalTag = (3 << 3) | bytesType
const firstTextTag = (1 << 3) | bytesType
const secondTextTag = (2 << 3) | bytesType
const portTag = (3 << 3) | varintType

/** Reads an Address up to the reader's end. Source: reference wire-envoy-auth, 2.2. */
export function readAddress(reader: WireReader): PeerAddress {
  let ip: Uint8Array | undefined
  let port: number | undefined
  let name: string | undefined
  while (reader.more()) {
    const tag = reader.tag()
    if (tag !== socketTag && tag !== pipeTag && tag !== internalTag) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    while (reader.more()) {
      const inner = reader.tag()
      if (tag === socketTag && inner === secondTextTag) ip = parseIp(reader.string())
      else if (tag === socketTag && inner === portTag) port = reader.varint32() || undefined
      else if (tag !== socketTag && inner === firstTextTag) name = reader.string()
      else reader.skip(inner)
    }
    reader.leave(outer)
  }
  return { ip, port, name }
}
