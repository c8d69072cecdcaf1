import { createConnection, createServer, type Socket } from 'node:net'
import { freePort } from '../../support/redis.js'

/** What becomes of the bytes on the way to Redis. `swallowing`: connections stay, nothing passes; `all` or only those that hear channels. */
export type Passing = 'all' | 'none' | 'swallowing all' | 'swallowing listeners'

/** A way to a Redis that can be closed, and can swallow what goes over it without closing. */
export class Way {
  passing: Passing = 'all'
  /** Connections that were made over it. */
  connections = 0
  readonly #open = new Set<Socket>()

  private constructor(readonly port: number) {}

  static async to(target: number, passing: Passing = 'all'): Promise<Way & { close(): void }> {
    const way = new Way(await freePort())
    way.passing = passing
    const server = createServer(client => way.#carry(client, target))
    await new Promise<void>(resolve => server.listen(way.port, '127.0.0.1', resolve))
    return Object.assign(way, {
      close: () => {
        for (const socket of way.#open) socket.destroy()
        server.close()
      },
    })
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  #carry(client: Socket, target: number): void {
    if (this.passing === 'none') {
      client.destroy()
      return
    }
    this.connections++
    let listens = false
    let swallowed = false
    const passes = () => {
      // What began to swallow goes on with it, as a way does that has forgotten a connection.
      swallowed ||= this.passing === 'swallowing all' || (listens && this.passing === 'swallowing listeners')
      return !swallowed
    }
    const upstream = createConnection(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      this.#open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#open.delete(socket))
    }
    client.on('data', data => {
      listens ||= /subscribe/i.test(String(data))
      if (passes()) upstream.write(data)
    })
    upstream.on('data', data => {
      if (passes()) client.write(data)
    })
    upstream.on('close', () => {
      if (passes()) client.destroy()
    })
    client.on('close', () => upstream.destroy())
  }
}
