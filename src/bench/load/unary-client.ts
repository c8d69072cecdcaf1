/**
 * Hears the end of a call: with the answer's bytes, or with what went wrong instead. Called once for each call.
 */
export type Answered = (failure: string | undefined, answer: Buffer | undefined) => void

/** As much of a gRPC client as load needs: one method, unary, requests whose bytes are there already. */
export interface UnaryClient {
  /** How many connections it has; a call says which one it takes. */
  readonly connections: number
  call(connection: number, request: Buffer, answered: Answered): void
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

/** The two kinds of address. */
export function endpointOf(
  address: string,
): { readonly path: string } | { readonly host: string; readonly port: number } {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length).replace(/^\/\/(?=\/)/, '') }
  const text = address.replace(/^tcp:\/\//, '')
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(colon + 1)) }
}

/** gRPC's prefix of a message: not compressed, and its length. */
const prefixBytes = 5

/** Adds gRPC's prefix to a message. */
export function framed(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(prefixBytes + message.length)
  bytes[0] = 0
  bytes.writeUInt32BE(message.length, 1)
  bytes.set(message, prefixBytes)
  return bytes
}

/** What came back of a call. */
export interface Returned {
  readonly problem: string | undefined
  readonly httpStatus: number | undefined
  readonly grpcStatus: string | undefined
  /** Percent-encoded, as on the wire. */
  readonly grpcMessage: string | undefined
  readonly body: Buffer | undefined
}

/** Tells the caller the message, or what is wrong. */
export function answerOf(
  { problem, httpStatus, grpcStatus, grpcMessage, body }: Returned,
  answered: Answered,
): void {
  if (problem !== undefined) answered(problem, undefined)
  else if (httpStatus !== 200) answered(`HTTP status ${httpStatus}`, undefined)
  else if (grpcStatus === undefined) answered('the answer has no grpc-status', undefined)
  else if (grpcStatus !== '0')
    answered(`gRPC status ${grpcStatus} ${messageText(grpcMessage)}`.trimEnd(), undefined)
  else if (
    body === undefined ||
    body.length < prefixBytes ||
    body.length !== prefixBytes + body.readUInt32BE(1)
  )
    answered('the answer is no whole message', undefined)
  else answered(undefined, body.subarray(prefixBytes))
}

function messageText(message: string | undefined): string {
  try {
    return decodeURIComponent(message ?? '')
  } catch {
    return message ?? '' // not percent-encoded as it should be
  }
}
