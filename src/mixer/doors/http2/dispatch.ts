import { Code } from '@outboard/adapters-sdk'
import type { Counter } from '../../telemetry/index.js'
import { refusedEncoding } from '../exchange/framing.js'
import { StreamExchange } from '../exchange/stream.js'
import { UnaryExchange } from '../exchange/unary.js'
import type { OpenStreams } from '../open-streams.js'
import type { ServerSetup } from '../server.js'
import { Refusal, type StreamMethod, type UnaryMethod } from '../service.js'
import { httpStatusHeaders } from './answers.js'
import { type HeaderFields, Http2Call, parseTimeout } from './header-fields.js'
import type { Http2Stream } from './stream.js'

/** A method, ready to be called. */
export type Served =
  | { readonly kind: 'unary'; readonly answer: UnaryMethod['answer'] }
  | { readonly kind: 'stream'; readonly method: StreamMethod }

const grpcType = 'application/grpc'
const wrongVerb = httpStatusHeaders(405)
const wrongType = httpStatusHeaders(415)

/** Looks at the headers of a call and begins it, or refuses it. Source: the gRPC protocol over HTTP/2. */
export class Dispatcher {
  readonly #methods: ReadonlyMap<string, Served>
  readonly #setup: ServerSetup
  readonly #streams: OpenStreams
  readonly #notGrpc: Counter

  constructor(methods: ReadonlyMap<string, Served>, setup: ServerSetup, streams: OpenStreams) {
    this.#methods = methods
    this.#setup = setup
    this.#streams = streams
    this.#notGrpc = setup.telemetry.counter('door_not_grpc')
  }

  dispatch(stream: Http2Stream, headers: HeaderFields, peer: string): void {
    if (headers.get(':method') !== 'POST') this.#turnAway(stream, wrongVerb)
    else if (!isGrpc(headers.get('content-type'))) this.#turnAway(stream, wrongType)
    else {
      const refusal = this.#begin(stream, headers, peer)
      if (refusal !== undefined) stream.refuse(refusal)
    }
  }

  /** Begins a call, or says why not. */
  #begin(stream: Http2Stream, headers: HeaderFields, peer: string): Refusal | undefined {
    const path = headers.get(':path') ?? ''
    const served = this.#methods.get(path)
    if (served === undefined)
      return new Refusal(Code.UNIMPLEMENTED, `The server does not implement the method ${path}`)
    const encoding = headers.get('grpc-encoding') ?? 'identity'
    const unreadable = refusedEncoding(encoding)
    if (unreadable !== undefined) return unreadable
    const timeout = headers.get('grpc-timeout')
    const timeoutMs = timeout === undefined ? undefined : parseTimeout(timeout)
    if (timeout !== undefined && timeoutMs === undefined)
      return new Refusal(Code.INTERNAL, `Invalid grpc-timeout value "${timeout}"`)
    const { clock, limits } = this.#setup
    const call = new Http2Call(headers, timeoutMs, clock, peer)
    if (served.kind === 'unary')
      stream.exchange = new UnaryExchange(call, encoding, limits.maxMessageBytes, served.answer, stream)
    else {
      const maxBytes = Math.max(limits.maxMessageBytes, served.method.atLeastBytes ?? 0)
      stream.exchange = new StreamExchange(
        call,
        encoding,
        maxBytes,
        served.method,
        stream,
        this.#streams,
        clock,
      )
    }
    return undefined
  }

  #turnAway(stream: Http2Stream, headers: Buffer): void {
    this.#notGrpc.add(1)
    stream.headers(headers)
  }
}

function isGrpc(type: string | undefined): boolean {
  if (type === undefined || !type.startsWith(grpcType)) return false
  const next = type[grpcType.length]
  return next === undefined || next === '+' || next === ';'
}
