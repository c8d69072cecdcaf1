/** Hears the end of a call: what went wrong, or nothing. Called once for each call. */
export type Done = (failure: string | undefined) => void

/** A request whose bytes are there already, and that can tell a right answer from a wrong one. */
export interface UnaryRequest {
  /** As the client wants it: framed for gRPC, unless its library does that itself. */
  readonly message: Buffer
  /**
   * What is wrong with the message that lies in `bytes` from `start` to `end`; undefined: nothing. It lies in a buffer that
   * is used again, so that nothing of it may be kept.
   */
  problemOf(bytes: Buffer, start: number, end: number): string | undefined
}

/** As much of a gRPC client as load needs: one method, unary, requests whose bytes are there already. */
export interface UnaryClient {
  /** How many connections it has; a call says which one it takes. */
  readonly connections: number
  call(connection: number, request: UnaryRequest, done: Done): void
  /** Gives all connections up at once, with the calls that are under way. */
  abandon(): void
  close(): Promise<void>
}

/** The clients there are: our own on bare sockets, one on `node:http2`, and that of the grpc-js library. */
export const clientKinds = ['raw', 'http2', 'grpc-js'] as const
export type ClientKind = (typeof clientKinds)[number]

export interface ClientOptions {
  /** `host:port`, `tcp://host:port`, `unix:path` or `unix:///path`. */
  readonly address: string
  /** `/package.Service/Method`. */
  readonly path: string
  readonly connections: number
}

/** Longest wait for a connection. */
export const connectMs = 10_000

/** The two kinds of address, as sockets take them. */
export type Endpoint = { readonly path: string } | { readonly host: string; readonly port: number }

export function endpointOf(address: string): Endpoint {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length).replace(/^\/\/(?=\/)/, '') }
  const text = address.replace(/^tcp:\/\//, '')
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(colon + 1)) }
}

/** gRPC's prefix of a message: not compressed, and its length. */
export const prefixBytes = 5

/** Adds gRPC's prefix to a message. */
export function framed(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(prefixBytes + message.length)
  bytes[0] = 0
  bytes.writeUInt32BE(message.length, 1)
  bytes.set(message, prefixBytes)
  return bytes
}

/** Whether these bytes are one framed message, no less and no more. */
export function isWhole(bytes: Buffer, start: number, end: number): boolean {
  return end - start >= prefixBytes && bytes.readUInt32BE(start + 1) === end - start - prefixBytes
}

/** What the statuses of a call say is wrong. `grpcMessage` is percent-encoded, as on the wire. */
export function statusProblem(
  httpStatus: number | undefined,
  grpcStatus: string | undefined,
  grpcMessage: string | undefined,
): string | undefined {
  if (httpStatus !== 200) return `HTTP status ${httpStatus}`
  if (grpcStatus === undefined) return 'the answer has no grpc-status'
  return grpcStatus === '0' ? undefined : `gRPC status ${grpcStatus} ${messageText(grpcMessage)}`.trimEnd()
}

function messageText(message: string | undefined): string {
  try {
    return decodeURIComponent(message ?? '')
  } catch {
    return message ?? '' // not percent-encoded as it should be
  }
}
