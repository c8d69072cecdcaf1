import { bytesType, varintType, type WireReader } from '../wire/reader.js'

/** The short codes of `ResponseFlags`, by field number. Source: reference wire-envoy-als, 2.1. */
const codes = [
  '',
  'LH',
  'UH',
  'UT',
  'LR',
  'UR',
  'UF',
  'UC',
  'UO',
  'NR',
  'DI',
  'FI',
  'RL',
  'UAEX',
  'RLSE',
  'DC',
  'URX',
  'SI',
  'IH',
  'DPE',
  'UMSDR',
  'RFCF',
  'NFCF',
  'DT',
  'UPE',
  'NC',
  'OM',
  'DF',
  'DR',
] as const

const unauthorizedTag = (13 << 3) | bytesType

/** Reads the flags that are set, up to the reader's end: short codes joined with commas, or `-` for none. */
export function readResponseFlags(reader: WireReader): string {
  const set: string[] = []
  while (reader.more()) {
    const tag = reader.tag()
    const code = codes[tag >>> 3]
    if (tag === unauthorizedTag) {
      reader.skip(tag)
      set.push('UAEX')
    } else if ((tag & 7) === varintType && code !== undefined) {
      if (reader.bool()) set.push(code)
    } else reader.skip(tag)
  }
  return set.length === 0 ? '-' : set.join(',')
}

/** `AccessLogType` by number. */
export const logTypes = [
  'NotSet',
  'TcpUpstreamConnected',
  'TcpPeriodic',
  'TcpConnectionEnd',
  'DownstreamStart',
  'DownstreamPeriodic',
  'DownstreamEnd',
  'UpstreamPoolReady',
  'UpstreamPeriodic',
  'UpstreamEnd',
  'DownstreamTunnelSuccessfullyEstablished',
  'UdpTunnelUpstreamConnected',
  'UdpPeriodic',
  'UdpSessionEnd',
  'TcpConnectionStart',
] as const

/** The types that end a request or a connection: one entry for each. Older versions of Envoy send 0 only. */
const endTypes = new Set([0, 3, 6, 13])
const notSet = 0
const tcpConnectionStart = 14

/** `intermediate`: how versions of Envoy that send no types mark what is no end. */
export function isEnd(type: number, intermediate: boolean): boolean {
  return endTypes.has(type) && !(type === notSet && intermediate)
}

/** What a TCP or UDP entry means for its connection, as Istio's proxy named it. */
export function connectionEvent(type: number, intermediate: boolean): 'open' | 'continue' | 'close' {
  if (type === tcpConnectionStart) return 'open'
  return isEnd(type, intermediate) ? 'close' : 'continue'
}
