import type { IncomingHttpHeaders } from 'node:http2'
import { Code } from '@outboard/adapters-sdk'
import type { CancelHook, Clock } from '../../engine/ports.js'
import { type IncomingCall, Refusal } from '../service.js'

export const deadlinePassed = new Refusal(Code.DEADLINE_EXCEEDED, 'Deadline exceeded')

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

/** The first value of a header. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' || value === undefined ? value : value[0]
}

/** What a door may know of a call on our own server. */
export class Http2Call implements IncomingCall {
  readonly deadline: number
  readonly onCancel: CancelHook = { cancelled: undefined }
  readonly #headers: IncomingHttpHeaders
  readonly #peer: () => string

  constructor(headers: IncomingHttpHeaders, timeoutMs: number | undefined, clock: Clock, peer: () => string) {
    this.#headers = headers
    this.#peer = peer
    this.deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : clock.now() + timeoutMs
  }

  get peer(): string {
    return this.#peer()
  }

  metadata(name: string): string | undefined {
    return headerOf(this.#headers, name)
  }
}
