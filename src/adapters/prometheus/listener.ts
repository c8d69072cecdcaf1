import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Exporter } from './exporter.js'

/** Connections at once; further ones wait in the kernel's queue or are dropped. */
const maxConnections = 64

/** Longest time for a request to arrive, in milliseconds. */
const requestTimeoutMs = 10_000

/** An HTTP server that exposes metrics at `/metrics`, and nothing else. */
export class Listener {
  #scrape: Promise<string> | undefined

  private constructor(
    readonly exporter: Exporter,
    readonly server: Server,
  ) {}

  /** Listens. Rejects when the address cannot be had. */
  static async open(exporter: Exporter, host: string, port: number): Promise<Listener> {
    const server = createServer({ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs })
    server.maxConnections = maxConnections
    const listener = new Listener(exporter, server)
    server.on('request', (request, response) => void listener.#answer(request, response))
    // Exclusive: workers of node:cluster would silently share the port, and each scrape would find another one's numbers.
    server.listen({ port, host, exclusive: true })
    await once(server, 'listening')
    server.unref()
    return listener
  }

  /** Where the metrics are, for people and for scrapers. */
  get url(): string {
    const address = this.server.address()
    if (address === null || typeof address === 'string') return 'closed'
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
    return `http://${host}:${address.port}/metrics`
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    this.server.closeAllConnections()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume()
    const path = request.url?.split('?', 1)[0]
    if (path !== '/metrics') return plain(response, 404, 'The metrics are at /metrics')
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return plain(response.setHeader('allow', 'GET, HEAD'), 405, 'Only GET and HEAD')
    }
    try {
      // Scrapers that come together share one text.
      this.#scrape ??= this.exporter.text().finally(() => {
        this.#scrape = undefined
      })
      const text = await this.#scrape
      response.writeHead(200, { 'content-type': this.exporter.contentType }).end(text)
    } catch (error) {
      plain(response, 500, error instanceof Error ? error.message : String(error))
    }
  }
}

function plain(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`)
}
