import type { CancelHook, Clock } from '../../engine/ports.js'
import type { IncomingCall } from '../service.js'

/** The headers of a call as received: name, value, name, value, ... */
export class HeaderFields {
  readonly #fields: readonly string[]

  constructor(fields: readonly string[]) {
    this.#fields = fields
  }

  /** The first value under a lower-case name. */
  get(name: string): string | undefined {
    const fields = this.#fields
    for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1]
    return undefined
  }

  /**
   * Whether the list is a well-formed request. Source: RFC 9113, section 8: pseudo headers first, each once, those of
   * a request; names in lower case; nothing that is about the connection.
   */
  get isRequest(): boolean {
    const fields = this.#fields
    let method = 0
    let scheme = 0
    let path = 0
    let authority = 0
    let regular = false
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i]!
      if (name.charCodeAt(0) !== 0x3a) {
        regular = true
        if (isForbidden(name, fields[i + 1]!)) return false
        continue
      }
      if (regular) return false
      if (name === ':method') method++
      else if (name === ':scheme') scheme++
      else if (name === ':path') path++
      else if (name === ':authority') authority++
      else return false
    }
    return method === 1 && scheme === 1 && path === 1 && authority <= 1 && this.get(':path') !== ''
  }
}

const aboutConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** Names that were seen to be fine: a connection repeats the same few, and looking through their letters takes time. */
const knownNames = new Set<string>()
const maxKnownNames = 1_000

function isForbidden(name: string, value: string): boolean {
  if (name === 'te') return value !== 'trailers'
  if (knownNames.has(name)) return false
  if (name === '' || aboutConnection.has(name) || !/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) return true
  if (knownNames.size < maxKnownNames) knownNames.add(name)
  return false
}

const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
}

/** Reads `grpc-timeout` as milliseconds; undefined when it is malformed. */
export function parseTimeout(text: string): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text)
  if (match === null) return undefined
  return Number(match[1]) * unitMs[match[2]!]!
}

/** What a door may know of a call on our own server. */
export class Http2Call implements IncomingCall {
  readonly deadline: number
  readonly peer: string
  readonly onCancel: CancelHook = { cancelled: undefined }
  readonly #headers: HeaderFields

  constructor(headers: HeaderFields, timeoutMs: number | undefined, clock: Clock, peer: string) {
    this.#headers = headers
    this.peer = peer
    this.deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : clock.now() + timeoutMs
  }

  metadata(name: string): string | undefined {
    return this.#headers.get(name)
  }
}
