import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:net'
import type { Test } from 'tap'

/** What stands behind the proxy. */
export interface Upstream {
  readonly httpPort: number
  readonly echoPort: number
  /** Requests that reached it. */
  requests: number
}

/** An HTTP server that answers with the headers it was sent, and a TCP server that answers with what it was sent. */
export async function upstream(t: Test): Promise<Upstream> {
  const counted = { requests: 0 }
  const http = createHttpServer((request, response) => {
    counted.requests++
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(request.headers))
  }).listen(0, '127.0.0.1')
  const echo = createServer(socket => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1')
  await Promise.all([once(http, 'listening'), once(echo, 'listening')])
  t.teardown(() => {
    http.closeAllConnections()
    http.close()
    echo.close()
  })
  return Object.assign(counted, { httpPort: portOf(http.address()), echoPort: portOf(echo.address()) })
}

/** The headers that the upstream saw. */
export async function seenUpstream(response: Response): Promise<IncomingHttpHeaders> {
  return JSON.parse(await response.text())
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
