import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { Connections } from './connections.js'
import { type Reply, refuse } from './reply.js'
import { type AdminRequest, adminRoutes, type Route } from './routes.js'
import type { AdminSources } from './sources.js'

export interface AdminOptions {
  /** Default: `127.0.0.1`. Whoever can reach it can flush caches and read the configuration's state. */
  readonly host?: string
  /** Default: 15014. 0: any free port. */
  readonly port?: number
}

/** A running admin port. */
export interface Admin {
  /** `host:port`, as bound. */
  readonly address: string
  /** Stops at once; open connections are cut. */
  close(): Promise<void>
}

/** Larger bodies are refused. */
const maxBodyBytes = 4_096
/** Open at once; one more takes the place of the one that has been silent longest. */
const maxConnections = 64
const requestTimeoutMs = 10_000
/** How long a connection may take to say what it wants. */
const headersTimeoutMs = 3_000
/** How often the server looks for those that take longer. */
const checkMs = 1_000

/**
 * Opens the admin port.
 * @throws the listener's error (`EADDRINUSE`, …) when the address cannot be bound.
 */
export async function openAdmin(sources: AdminSources, options: AdminOptions = {}): Promise<Admin> {
  const { host = '127.0.0.1', port = 15014 } = options
  const routes = adminRoutes(sources)
  const server = createServer(
    {
      maxHeaderSize: 8_192,
      requestTimeout: requestTimeoutMs,
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: checkMs,
      keepAliveTimeout: 5_000,
    },
    (request, response) => {
      void answer(routes, request).then(reply => send(response, reply, request.method === 'HEAD'))
    },
  )
  new Connections(maxConnections).follow(server)
  await listen(server, host, port)
  const bound = server.address()
  const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port
  return {
    address: `${isIP(host) === 6 ? `[${host}]` : host}:${boundPort}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function answer(routes: ReadonlyMap<string, Route>, request: IncomingMessage): Promise<Reply> {
  const url = request.url ?? '/'
  if (!URL.canParse(url, 'http://admin')) return refuse(400, 'ADMIN_BAD_REQUEST', 'The path is no path.')
  const { pathname, searchParams } = new URL(url, 'http://admin')
  const route = routes.get(pathname)
  if (route === undefined)
    return refuse(404, 'ADMIN_NOT_FOUND', `There is no ${pathname}; GET / lists what there is.`)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const act = method === 'GET' || method === 'PUT' || method === 'POST' ? route.methods[method] : undefined
  if (act === undefined) {
    const allow = Object.keys(route.methods).join(', ')
    const reply = refuse(405, 'ADMIN_METHOD_NOT_ALLOWED', `${pathname} takes ${allow}.`)
    return { ...reply, headers: { allow } }
  }
  const foreign = fromAnotherSite(request)
  if (foreign !== undefined) return refuse(403, 'ADMIN_FORBIDDEN', foreign)
  const body = await readBody(request)
  if (body === undefined) return refuse(413, 'ADMIN_TOO_LARGE', `A body may have ${maxBodyBytes} bytes.`)
  return carryOut(act, { query: searchParams, body })
}

function carryOut(act: (request: AdminRequest) => Reply, request: AdminRequest): Reply {
  try {
    return act(request)
  } catch (cause) {
    return refuse(500, 'ADMIN_FAILED', cause instanceof Error ? cause.message : String(cause))
  }
}

/** Names that nobody can register: of this machine, of a private network, of a Kubernetes service (in the usual cluster domain). */
const privateName = /\.(localhost|internal|svc|svc\.cluster\.local)$/

/**
 * The port has no password, because it is for this machine. So a browser on this machine must not be the way in: pages
 * of other sites send `Origin`, and a name that was pointed here sends a `Host` that is neither an address nor private. (Names
 * in `.local` are answered for by whoever is on the network first.)
 */
function fromAnotherSite({ headers }: IncomingMessage): string | undefined {
  if (headers.origin !== undefined) return 'The admin port does not answer web pages.'
  const host = (headers.host ?? '').toLowerCase()
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return !name.includes('.') || isIP(name) !== 0 || privateName.test(name)
    ? undefined
    : `The admin port is not known as ${name}; use its address.`
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request) {
      const bytes = Buffer.from(chunk)
      size += bytes.length
      if (size > maxBodyBytes) return undefined
      chunks.push(bytes)
    }
  } catch {
    // The client broke off; nobody reads the reply.
    return ''
  }
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, reply: Reply, headOnly: boolean): void {
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': Buffer.byteLength(reply.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(reply.status === 413 ? { connection: 'close' } : {}),
    ...reply.headers,
  })
  response.end(headOnly ? undefined : reply.body)
}
