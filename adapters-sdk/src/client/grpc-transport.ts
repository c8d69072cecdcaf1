import { Buffer } from 'node:buffer'
import { Client, credentials, Metadata, status } from '@grpc/grpc-js'
import type { Transport, TransportAnswer, TransportCall } from './transport.js'

export interface GrpcTransportOptions {
  /** `host:port`, `tcp://host:port` or `unix:///path`. */
  readonly address: string
  /** PEM texts. Default: plain text. */
  readonly tls?: {
    /** Authorities to trust. Default: those of Node. */
    readonly authority?: string
    /** The client's own certificate chain and key: both or none. */
    readonly certificate?: string
    readonly privateKey?: string
    /** The name that the server's certificate must have. Default: the address's host. */
    readonly serverName?: string
  }
  /** Sent with every call. Default: none. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Longest answer, bytes; a longer one fails. Default: 4,194,304. */
  readonly maxAnswerBytes?: number
}

const asIs = (bytes: Buffer): Buffer => bytes

/** Calls over grpc-js. The connection is made at the first call, and again when it was lost. */
export function grpcTransport(options: GrpcTransportOptions): Transport {
  const { address, tls, metadata = {}, maxAnswerBytes = 4_194_304 } = options
  const client = new Client(address.replace(/^tcp:\/\//, ''), credentialsOf(tls), {
    'grpc.max_receive_message_length': maxAnswerBytes,
    ...(tls?.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': tls.serverName }),
  })
  const call = (path: string, request: Uint8Array, { timeoutMs, signal }: TransportCall) =>
    new Promise<TransportAnswer>(resolve => {
      const sent = new Metadata()
      for (const [key, value] of Object.entries(metadata)) sent.set(key, value)
      const abort = () => under.cancel()
      const under = client.makeUnaryRequest(
        path,
        asIs,
        asIs,
        Buffer.from(request.buffer, request.byteOffset, request.length),
        sent,
        { deadline: Date.now() + timeoutMs },
        (error, bytes) => {
          signal.removeEventListener('abort', abort)
          if (error === null && bytes !== undefined) resolve({ kind: 'answer', bytes })
          else {
            const { code = status.UNKNOWN, details = 'no answer' } = error ?? {}
            resolve({ kind: 'failed', status: { code, message: details } })
          }
        },
      )
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort, { once: true })
    })
  return {
    check: (request, how) => call('/istio.mixer.v1.Mixer/Check', request, how),
    report: (request, how) => call('/istio.mixer.v1.Mixer/Report', request, how),
    close: () => client.close(),
  }
}

function credentialsOf(tls: GrpcTransportOptions['tls']) {
  if (tls === undefined) return credentials.createInsecure()
  const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text))
  return credentials.createSsl(pem(tls.authority), pem(tls.privateKey), pem(tls.certificate))
}
