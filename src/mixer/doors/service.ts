import type { CancelHook } from '../engine/ports.js'

/**
 * What stands between the doors and whichever server carries gRPC for them: bytes in, bytes or a refusal out. Nothing
 * here knows of a server library, so that every door runs on each of the servers (see `grpc/` and `http2/`).
 */
export interface Service {
  /** `istio.mixer.v1.Mixer`: for health and reflection. */
  readonly name: string
  readonly methods: readonly Method[]
}

export type Method = UnaryMethod | StreamMethod

export interface UnaryMethod {
  readonly kind: 'unary'
  /** The full path, `/istio.mixer.v1.Mixer/Check`. */
  readonly path: string
  /** Answers one message. Never throws and never rejects. */
  answer(message: Buffer, call: IncomingCall): Answer | Promise<Answer>
}

/** Any call whose one or both sides are streams. */
export interface StreamMethod {
  readonly kind: 'stream'
  readonly path: string
  /** Messages of this size are taken even when the listener's limit is lower, bytes. Default: 0. */
  readonly atLeastBytes?: number
  /** A call has begun. Must not throw. */
  open(call: IncomingCall, out: StreamSender): StreamReceiver
}

/** What a stream method hears from its caller. Nothing is called after `ended` or `cancelled`. */
export interface StreamReceiver {
  message(message: Buffer): void
  /** The caller has said everything. */
  ended(): void
  /** The caller has gone, or the deadline has passed. */
  cancelled(): void
  /** The server stops: finish soon, and end the call. */
  draining(): void
}

/** What a stream method says to its caller. Calls after `end` do nothing. */
export interface StreamSender {
  /** `false`: the caller reads too slowly, and what is sent waits in memory; keep to what is necessary. */
  send(message: Buffer): boolean
  /** Ends the call; without a refusal, as success. */
  end(refusal?: Refusal): void
}

/** The circumstances of one call. */
export interface IncomingCall {
  /** Milliseconds since the epoch; `Infinity` when the caller set none. */
  readonly deadline: number
  /** Told when the caller has gone or its deadline has passed. */
  readonly onCancel: CancelHook
  /** The caller's address, for logs. */
  readonly peer: string
  /** The metadata under a lower-case name: the first value; undefined when there is none. */
  metadata(name: string): string | undefined
}

export type Answer = Buffer | Refusal

/** A gRPC status that is no success. */
export class Refusal {
  constructor(
    /** A `google.rpc.Code`, never 0. */
    readonly code: number,
    readonly message: string,
  ) {}
}
