import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js'

const identity = (bytes: Buffer): Buffer => bytes

/** One call as an adapter of Istio's kind gets it. */
export interface IstioCall {
  readonly path: string
  readonly request: Buffer
  readonly metadata: Metadata
  readonly deadlineMs: number
  readonly cancelled: Promise<void>
}

/** What such an adapter answers: bytes, or a gRPC error. */
export type IstioAnswer = Buffer | { readonly code: number; readonly details: string } | Promise<Buffer>

/** A server of `Handle…` services that answers bytes, as any language may; it knows nothing of sessions. */
export class IstioAdapter {
  readonly calls: IstioCall[] = []
  readonly address: string
  readonly #server: Server

  private constructor(server: Server, address: string) {
    this.#server = server
    this.address = address
  }

  static async listen(
    services: Readonly<Record<string, (call: IstioCall) => IstioAnswer>>,
    address = '127.0.0.1:0',
  ): Promise<IstioAdapter> {
    const server = new Server()
    let adapter: IstioAdapter | undefined
    for (const [path, answer] of Object.entries(services)) {
      const serve = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
        const deadline = call.getDeadline()
        const seen: IstioCall = {
          path,
          request: call.request,
          metadata: call.metadata,
          deadlineMs: (deadline instanceof Date ? deadline.getTime() : deadline) - Date.now(),
          cancelled: new Promise(resolve => call.on('cancelled', () => resolve())),
        }
        adapter?.calls.push(seen)
        const given = answer(seen)
        if (Buffer.isBuffer(given)) callback(null, given)
        else if (given instanceof Promise) void given.then(bytes => callback(null, bytes))
        else callback(given)
      }
      server.register(path, serve, identity, identity, 'unary')
    }
    const port = await new Promise<number>((resolve, reject) => {
      const credentials = ServerCredentials.createInsecure()
      server.bindAsync(address, credentials, (error, bound) => (error ? reject(error) : resolve(bound)))
    })
    adapter = new IstioAdapter(server, address.startsWith('unix:') ? address : `127.0.0.1:${port}`)
    return adapter
  }

  close(): void {
    this.#server.forceShutdown()
  }
}
