import { createServer } from 'node:net'

/** `host:port` with the wished port, or with 0 (any free one) when that is taken. */
export function freeAddress(host: string, wished: number): Promise<string> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(`${host}:0`))
    server.listen(wished, host, () => server.close(() => resolve(`${host}:${wished}`)))
  })
}
