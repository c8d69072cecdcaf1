import { readFileSync } from 'node:fs'
import {
  type ChannelCredentials,
  Client,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import {
  type ClientAnswer,
  type ClientCheck,
  type ClientReport,
  decodeCheckResponse,
  encodeCheckRequest,
  encodeReportRequest,
} from '@outboard/adapters-sdk/client'
import { CliError } from '../errors.js'

/** How to reach a Mixer door. */
export interface MixerClientOptions {
  /** `host:port`, `tcp://host:port` or `unix:///path`. */
  readonly address: string
  /** PEM files; undefined: plain text. */
  readonly tls:
    | { readonly ca: string | undefined; readonly cert: string | undefined; readonly key: string | undefined }
    | undefined
  /** Longest wait for one answer, milliseconds. */
  readonly timeoutMs: number
  /** W3C trace context to send along; undefined: none. */
  readonly traceparent: string | undefined
}

/** A gRPC status instead of an answer: what the proxy's own fail policy would decide about. */
export interface RpcFailure {
  readonly rpcCode: number
  readonly rpcCodeName: string
  readonly message: string
}

const bytesThrough = (bytes: Buffer): Buffer => bytes

/** The proxy's side of the Mixer API, as much of it as a terminal needs. Every call is a call: nothing is cached. */
export class MixerConnection {
  readonly #client: Client
  readonly #options: MixerClientOptions

  constructor(options: MixerClientOptions) {
    this.#options = options
    this.#client = new Client(target(options.address), channelCredentials(options), {
      'grpc.max_receive_message_length': 16_777_216,
    })
  }

  async check(request: ClientCheck): Promise<ClientAnswer | RpcFailure> {
    const answer = await this.#call('/istio.mixer.v1.Mixer/Check', encodeCheckRequest(request))
    return Buffer.isBuffer(answer) ? decoded(answer) : answer
  }

  /** undefined: taken. */
  async report(request: ClientReport): Promise<RpcFailure | undefined> {
    const answer = await this.#call('/istio.mixer.v1.Mixer/Report', encodeReportRequest(request))
    return Buffer.isBuffer(answer) ? undefined : answer
  }

  close(): void {
    this.#client.close()
  }

  #call(path: string, request: Buffer): Promise<Buffer | RpcFailure> {
    return new Promise(resolve => {
      const deadline = Date.now() + this.#options.timeoutMs
      const metadata = this.#metadata()
      this.#client.makeUnaryRequest(
        path,
        bytesThrough,
        bytesThrough,
        request,
        metadata,
        { deadline },
        (error, answer) => {
          resolve(error === null && answer !== undefined ? answer : failure(error))
        },
      )
    })
  }

  #metadata(): Metadata {
    const metadata = new Metadata()
    if (this.#options.traceparent !== undefined) metadata.set('traceparent', this.#options.traceparent)
    return metadata
  }
}

function decoded(answer: Buffer): ClientAnswer | RpcFailure {
  try {
    return decodeCheckResponse(answer)
  } catch (cause) {
    return { rpcCode: status.INTERNAL, rpcCodeName: 'INTERNAL', message: String(cause) }
  }
}

function failure(error: ServiceError | null): RpcFailure {
  const rpcCode = error?.code ?? status.UNKNOWN
  return {
    rpcCode,
    rpcCodeName: status[rpcCode] ?? `CODE_${rpcCode}`,
    message: error?.details ?? 'no answer',
  }
}

/** What grpc-js calls an address. */
export function target(address: string): string {
  return address.replace(/^tcp:\/\//, '')
}

function channelCredentials({ tls }: MixerClientOptions): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure()
  const pem = (path: string | undefined) => (path === undefined ? null : readPem(path))
  return credentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.cert))
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new CliError('CLI_FILE_UNREADABLE', `Cannot read ${path}`, { cause })
  }
}
