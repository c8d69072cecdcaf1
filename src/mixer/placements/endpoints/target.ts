import { isIP } from 'node:net'
import type { SettingsProblem } from '@outboard/adapters-sdk'

/** One place to connect to. */
export interface Target {
  /** As in the configuration, with the resolved address behind it where there is one. For people. */
  readonly name: string
  /** What grpc-js is told. */
  readonly grpcTarget: string
  /** The same for a socket of our own. */
  readonly socket: { readonly path: string } | { readonly host: string; readonly port: number }
  /** The name that a certificate must carry unless something else is asked for; undefined for Unix sockets. */
  readonly tlsName: string | undefined
  /** Whether plaintext stays on this machine. */
  readonly local: boolean
}

/** An address of the configuration: a place, or a name with several places behind it. */
export type Address =
  | { readonly kind: 'fixed'; readonly target: Target }
  | { readonly kind: 'dns'; readonly host: string; readonly port: number; readonly text: string }

/**
 * Takes a gRPC target apart: `host:port` (one place, resolved by the system), `dns:///host:port` (each answer a place of
 * its own), `ipv4:`/`ipv6:` with an address, `unix:path` and `unix:///absolute/path`.
 */
export function parseAddress(text: string): Address | SettingsProblem {
  if (text.startsWith('unix:')) {
    const path = text.replace(/^unix:(\/\/(?=\/))?/, '')
    if (path === '') return problem(text, 'has no path')
    return { kind: 'fixed', target: unixTarget(text, path) }
  }
  if (text.startsWith('dns:')) {
    const authority = text.slice(4)
    const slash = authority.startsWith('//') ? authority.indexOf('/', 2) : -1
    if (authority.startsWith('//') && slash === -1) return problem(text, 'must be dns:///host:port')
    if (slash > 2) return problem(text, 'names a DNS server; the system resolves names')
    const place = splitHostPort(authority.slice(slash + 1))
    if (place === undefined) return problem(text, 'must be dns:///host:port')
    return { kind: 'dns', ...place, text }
  }
  const place = splitHostPort(text.replace(/^(ipv4|ipv6|passthrough):(\/{3})?/, ''))
  if (place === undefined) return problem(text, 'must be host:port, dns:///host:port or unix:///path')
  return { kind: 'fixed', target: hostTarget(text, place.host, place.host, place.port) }
}

/** One answer of a name. */
export function resolvedTarget(address: Address & { kind: 'dns' }, ip: string): Target {
  const name = address.host === ip ? address.text : `${address.text} (${ip})`
  return hostTarget(name, address.host, ip, address.port)
}

function unixTarget(name: string, path: string): Target {
  return { name, grpcTarget: `unix:${path}`, socket: { path }, tlsName: undefined, local: true }
}

/** `host`: as the configuration says it, for certificates; `place`: an address, or the same name. */
export function hostTarget(name: string, host: string, place: string, port: number): Target {
  const family = isIP(place)
  const scheme = family === 4 ? 'ipv4:' : family === 6 ? 'ipv6:' : 'dns:'
  const where = family === 6 ? `[${place}]:${port}` : `${place}:${port}`
  return {
    name,
    grpcTarget: scheme + where,
    socket: { host: place, port },
    tlsName: host,
    local: isLoopback(host) && isLoopback(place),
  }
}

/** Loopback by address or by the one name that always means it (RFC 6761, 6.3). Other names are not asked. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase()
  return (
    name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
  )
}

function splitHostPort(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:/[\]]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || !(port >= 1 && port <= 65_535)) return undefined
  return { host, port }
}

function problem(text: string, what: string): SettingsProblem {
  return { path: 'connection.address', message: `"${text}" ${what}` }
}
