import { connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP proxy on the way to one adapter, whose connections a test cuts, freezes and refuses. */
export class CuttingProxy {
  readonly address: string
  readonly #target: { readonly host: string; readonly port: number }
  readonly #port: number
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #server: Server | undefined
  /** Connections that were made through it. */
  accepted = 0

  private constructor(target: string, server: Server, port: number) {
    const colon = target.lastIndexOf(':')
    this.#target = { host: target.slice(0, colon), port: Number(target.slice(colon + 1)) }
    this.#server = server
    this.#port = port
    this.address = `127.0.0.1:${port}`
    server.on('connection', near => this.#pass(near))
  }

  static async before(target: string): Promise<CuttingProxy> {
    const server = await listening(0)
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return new CuttingProxy(target, server, port)
  }

  /** Ends every connection, as a cut cable with a reset does. New ones are passed on. */
  cut(): void {
    for (const [near, far] of this.#pairs) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
  }

  /** Nothing passes any more on the connections that are open, and nobody is told. */
  freeze(): void {
    for (const [near, far] of this.#pairs) {
      near.pause()
      far.pause()
    }
  }

  /** New connections are refused. */
  async refuse(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = new Promise(resolve => server.close(resolve))
    this.cut()
    await closed
  }

  /** Connections pass again. */
  async heal(): Promise<void> {
    if (this.#server !== undefined) return
    this.#server = await listening(this.#port)
    this.#server.on('connection', near => this.#pass(near))
  }

  #pass(near: Socket): void {
    this.accepted += 1
    const far = connect(this.#target)
    const pair = [near, far] as const
    this.#pairs.add(pair)
    const end = () => {
      this.#pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    for (const socket of pair) {
      socket.on('error', end)
      socket.on('close', end)
    }
    near.pipe(far)
    far.pipe(near)
  }
}

function listening(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
