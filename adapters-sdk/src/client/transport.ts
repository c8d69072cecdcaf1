/** A status of gRPC. */
export interface RpcStatus {
  /** Of `google.rpc.Code`; never 0. */
  readonly code: number
  readonly message: string
}

/** What comes of a call: the answer's bytes, or the status that stands instead of an answer. */
export type TransportAnswer =
  | { readonly kind: 'answer'; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly status: RpcStatus }

export interface TransportCall {
  /** Nobody waits longer, milliseconds. */
  readonly timeoutMs: number
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal
}

/** All that a client needs of a connection: two calls of encoded messages of `istio.mixer.v1.Mixer`. */
export interface Transport {
  check(request: Uint8Array, call: TransportCall): Promise<TransportAnswer>
  report(request: Uint8Array, call: TransportCall): Promise<TransportAnswer>
  close(): void
}
