import {
  type ClientHttp2Session,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { Test } from 'tap'
import type { ServerLimits } from '../../src/mixer/doors/options.js'
import { Refusal, type Service } from '../../src/mixer/doors/service.js'
import { serve } from './serving.js'
import { counting, ManualClock } from './support.js'

/** Answers with the message; or refuses with the text behind `!`. Streams come back message by message. */
export const echo: Service = {
  name: 'test.Echo',
  methods: [
    {
      kind: 'unary',
      path: '/test.Echo/Unary',
      answer: message =>
        message[0] === 0x21 ? new Refusal(9, message.subarray(1).toString()) : Promise.resolve(message),
    },
    {
      kind: 'stream',
      path: '/test.Echo/Stream',
      open: (_call, out) => ({
        message: message => {
          if (message[0] === 0x21) out.end(new Refusal(9, message.subarray(1).toString()))
          else out.send(message)
        },
        ended: () => out.end(),
        cancelled: () => {},
        draining: () => out.end(),
      }),
    },
  ],
}

export const grpcHeaders = {
  ':method': 'POST',
  ':path': '/test.Echo/Unary',
  'content-type': 'application/grpc',
  te: 'trailers',
}

export function frame(message: Buffer | string, flag = 0): Buffer {
  const content = Buffer.from(message)
  const head = Buffer.alloc(5)
  head[0] = flag
  head.writeUInt32BE(content.length, 1)
  return Buffer.concat([head, content])
}

interface Heard {
  readonly headers: IncomingHttpHeaders
  readonly trailers: IncomingHttpHeaders
  readonly body: Buffer
  /** Of the trailers, or of the headers when there is nothing else. */
  readonly status: string | undefined
  readonly message: string | undefined
  readonly rstCode: number
}

/** Sends chunks, each as a frame of its own, and hears the whole answer. */
export function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  chunks: readonly Buffer[],
): Promise<Heard> {
  return new Promise(resolve => {
    const request = session.request({ ...grpcHeaders, ...headers })
    let head: IncomingHttpHeaders = {}
    let trailers: IncomingHttpHeaders = {}
    const body: Buffer[] = []
    request.on('response', got => {
      head = got
    })
    request.on('trailers', got => {
      trailers = got
    })
    request.on('data', (chunk: Buffer) => body.push(chunk))
    request.on('error', () => {})
    request.on('close', () => {
      const status = trailers['grpc-status'] ?? head['grpc-status']
      const message = trailers['grpc-message'] ?? head['grpc-message']
      resolve({
        headers: head,
        trailers,
        body: Buffer.concat(body),
        status: status?.toString(),
        message: message?.toString(),
        rstCode: request.rstCode,
      })
    })
    for (const chunk of chunks) request.write(chunk)
    request.end()
  })
}

export async function server(
  t: Test,
  options: { services?: readonly Service[]; maxMessageBytes?: number; limits?: Partial<ServerLimits> } = {},
) {
  const { telemetry, counts } = counting()
  const clock = new ManualClock()
  const { server, address } = await serve(t, {
    kind: 'http2',
    services: options.services ?? [echo],
    telemetry,
    clock,
    limits: {
      ...(options.maxMessageBytes !== undefined && { maxMessageBytes: options.maxMessageBytes }),
      ...options.limits,
    },
  })
  const session = connect(`http://${address}`)
  t.teardown(() => session.destroy())
  return { server, address, session, counts, clock }
}
