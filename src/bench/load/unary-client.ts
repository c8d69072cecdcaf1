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
