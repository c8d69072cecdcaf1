import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js'
import { pathOf } from '../../src/bench/requests/answers.js'

const bytesThrough = (bytes: Buffer): Buffer => bytes

/** How a fake server answers one call: with bytes, or with a gRPC status. */
export type Answering = (request: Buffer, answer: sendUnaryData<Buffer>) => void

/** A gRPC server of grpc-js that answers Mixer's Check as a test wants it. */
export async function fakeServer(answering: Answering): Promise<{ address: string; close(): void }> {
  const server = new Server()
  server.addService(
    {
      check: {
        path: pathOf.mixer,
        requestStream: false,
        responseStream: false,
        requestSerialize: bytesThrough,
        requestDeserialize: bytesThrough,
        responseSerialize: bytesThrough,
        responseDeserialize: bytesThrough,
      },
    },
    {
      check: (call: { request: Buffer }, answer: sendUnaryData<Buffer>) => answering(call.request, answer),
    },
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() }
}

/** A CheckResponse whose verdict has this code. */
export function verdict(code: number): Buffer {
  const status = code === 0 ? [] : [0x08, code]
  const precondition = [0x0a, status.length, ...status]
  return Buffer.from([0x12, precondition.length, ...precondition])
}
