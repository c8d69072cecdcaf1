import { lstat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'

/** The longest path of a Unix socket (`sun_path`, without its final zero). */
const maxPathBytes = 107

/** Where a server listens. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

/** An address that cannot be listened on. */
export class AddressError extends Error {
  override readonly name = 'AddressError'
  constructor(
    readonly code: 'ADDRESS_INVALID' | 'ADDRESS_IN_USE' | 'ADDRESS_UNAVAILABLE',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/**
 * Reads `tcp://host:port`, `host:port`, `:port` (every interface), `[v6]:port` or `unix:///path`. Port 0 takes a free
 * one. Source: reference server-cli, `--address`.
 * @throws {AddressError} `ADDRESS_INVALID`
 * @example t.same(parseAddress('tcp://127.0.0.1:9091'), { kind: 'tcp', host: '127.0.0.1', port: 9091 })
 */
export function parseAddress(text: string): ListenAddress {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length).replace(/^\/\/(?=\/)/, '')
    if (path === '' || path.startsWith('//')) throw invalid(text, 'a path behind unix://')
    // The system cuts longer paths without a word, and listens somewhere else.
    if (Buffer.byteLength(path) > maxPathBytes) throw invalid(text, `a path of at most ${maxPathBytes} bytes`)
    return { kind: 'unix', path }
  }
  const rest = text.startsWith('tcp://') ? text.slice('tcp://'.length) : text
  const colon = rest.lastIndexOf(':')
  const portText = rest.slice(colon + 1)
  if (colon < 0 || !/^\d{1,5}$/.test(portText) || Number(portText) > 65_535)
    throw invalid(text, 'host:port with a port from 0 to 65535')
  const host = rest.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  if (host.includes('/') || (host.includes(':') && !rest.startsWith('[')))
    throw invalid(text, 'tcp://host:port, host:port, [v6]:port or unix:///path')
  return { kind: 'tcp', host: host === '' || host === '*' ? '0.0.0.0' : host, port: Number(portText) }
}

function invalid(text: string, wanted: string): AddressError {
  return new AddressError('ADDRESS_INVALID', `Cannot listen on "${text}": wanted ${wanted}`)
}

/** The form that `parseAddress` reads; for TCP `host:port`. */
export function printAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix://${address.path}`
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

/**
 * Removes a socket file that nobody listens on any more.
 * @throws {AddressError} `ADDRESS_IN_USE` when somebody does, or when the file is no socket.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isSocket())
    throw new AddressError(
      'ADDRESS_IN_USE',
      `Cannot listen on unix://${path}: the file is there and is no socket`,
    )
  if (await answers(path))
    throw new AddressError('ADDRESS_IN_USE', `Cannot listen on unix://${path}: another process listens there`)
  await unlink(path).catch(() => {})
}

function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
