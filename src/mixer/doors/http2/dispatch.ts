import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { Code } from '@outboard/adapters-sdk'
import type { Counter } from '../../telemetry/index.js'
import type { OpenStreams } from '../open-streams.js'
import type { ServerSetup } from '../server.js'
import { Refusal, type StreamMethod, type UnaryMethod } from '../service.js'
import { acceptedEncodings, refusedEncoding } from './framing.js'
import { Http2Call, headerOf, parseTimeout } from './headers.js'
import { Rooms } from './room.js'
import { sendHttpStatus, sendRefusal } from './status.js'
import { StreamExchange } from './stream.js'
import { UnaryExchange } from './unary.js'
import { UnfinishedCalls } from './unfinished.js'

/** A method, ready to be called. */
export type Served =
  | { readonly kind: 'unary'; readonly answer: UnaryMethod['answer'] }
  | { readonly kind: 'stream'; readonly method: StreamMethod }

const contentType = 'application/grpc'
const ignore = () => {}

/** Looks at the headers of a call and begins it, or refuses it. Source: the gRPC protocol over HTTP/2. */
export class Dispatcher {
  readonly #methods: ReadonlyMap<string, Served>
  readonly #setup: ServerSetup
  readonly #streams: OpenStreams
  readonly #notGrpc: Counter
  readonly #unfinished: UnfinishedCalls
  readonly #rooms: Rooms

  constructor(methods: ReadonlyMap<string, Served>, setup: ServerSetup, streams: OpenStreams) {
    this.#methods = methods
    this.#setup = setup
    this.#streams = streams
    const { clock, limits, telemetry } = setup
    this.#notGrpc = telemetry.counter('door_not_grpc')
    this.#unfinished = new UnfinishedCalls(clock, limits.messageTimeoutMs, telemetry)
    const noRoom = telemetry.counter('door_unfinished', { reason: 'no_room' })
    this.#rooms = new Rooms(limits.maxPartialBytes, limits.maxConnectionPartialBytes, noRoom)
  }

  close(): void {
    this.#unfinished.close()
  }

  dispatch(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    // Without a listener a reset by the caller would end the process; 'aborted' tells the call of it.
    stream.on('error', ignore)
    if (headers[':method'] !== 'POST') this.#turnAway(stream, 405)
    else if (!isGrpc(headers['content-type'])) this.#turnAway(stream, 415)
    else {
      const refusal = this.#begin(stream, headers)
      if (refusal === undefined) return
      sendRefusal(stream, refusal, { 'grpc-accept-encoding': acceptedEncodings })
      stream.resume()
    }
  }

  /** Begins a call, or says why not. */
  #begin(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Refusal | undefined {
    const path = headers[':path'] ?? ''
    const served = this.#methods.get(path)
    if (served === undefined)
      return new Refusal(Code.UNIMPLEMENTED, `The server does not implement the method ${path}`)
    const encoding = headerOf(headers, 'grpc-encoding') ?? 'identity'
    const unreadable = refusedEncoding(encoding)
    if (unreadable !== undefined) return unreadable
    const timeout = headerOf(headers, 'grpc-timeout')
    const timeoutMs = timeout === undefined ? undefined : parseTimeout(timeout)
    if (timeout !== undefined && timeoutMs === undefined)
      return new Refusal(Code.INTERNAL, `Invalid grpc-timeout value "${timeout}"`)
    const { clock, limits } = this.#setup
    const call = new Http2Call(headers, timeoutMs, clock, () => peerOf(stream))
    if (served.kind === 'unary')
      new UnaryExchange(
        stream,
        call,
        encoding,
        limits.maxMessageBytes,
        served.answer,
        this.#unfinished,
        this.#rooms,
      )
    else {
      const maxBytes = Math.max(limits.maxMessageBytes, served.method.atLeastBytes ?? 0)
      const share = this.#rooms.share(stream.session)
      new StreamExchange(stream, call, encoding, maxBytes, served.method, this.#streams, clock, share)
    }
    return undefined
  }

  #turnAway(stream: ServerHttp2Stream, status: number): void {
    this.#notGrpc.add(1)
    sendHttpStatus(stream, status)
    stream.resume()
  }
}

function isGrpc(type: string | undefined): boolean {
  if (type === undefined || !type.startsWith(contentType)) return false
  const next = type[contentType.length]
  return next === undefined || next === '+' || next === ';'
}

function peerOf(stream: ServerHttp2Stream): string {
  const socket = stream.session?.socket
  return socket?.remoteAddress === undefined ? 'unix' : `${socket.remoteAddress}:${socket.remotePort}`
}
