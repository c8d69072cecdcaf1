import { lstat, unlink } from 'node:fs/promises'
import { connect, isIPv6 } from 'node:net'

/** A place to listen. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

/**
 * Reads `host:port`, `[::1]:port`, `unix:/path` and `unix:///path`.
 * @throws {TypeError} for anything else.
 */
export function parseListenAddress(text: string): ListenAddress {
  const unix = /^unix:(?:\/\/(?=\/))?(.+)$/.exec(text)
  if (unix?.[1] !== undefined) return { kind: 'unix', path: unix[1] }
  const tcp = /^(?:\[([0-9a-fA-F:.%]+)\]|([^[\]:/]+)):([0-9]{1,5})$/.exec(text)
  const host = tcp?.[1] ?? tcp?.[2]
  const port = Number(tcp?.[3])
  if (host === undefined || port > 65_535) {
    throw new TypeError(`"${text}" is no address to listen on; write host:port or unix:/path`)
  }
  return { kind: 'tcp', host, port }
}

/** The address as a gRPC target, with the port that was bound. */
export function addressText(address: ListenAddress, port: number): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  return isIPv6(address.host) ? `[${address.host}]:${port}` : `${address.host}:${port}`
}

/** Whether only this machine can reach the address. */
export function isLocal(address: ListenAddress): boolean {
  if (address.kind === 'unix') return true
  return address.host === 'localhost' || address.host === '::1' || /^127\.[0-9.]+$/.test(address.host)
}

/**
 * Removes a socket file that a process left behind. One that somebody still listens on stays, and so does anything
 * that is no socket: then binding fails, and says so.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found?.isSocket() !== true) return
  const stale = await new Promise<boolean>(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', error => resolve('code' in error && error.code === 'ECONNREFUSED'))
  })
  if (stale) await unlink(path).catch(() => undefined)
}
