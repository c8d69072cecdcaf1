import type { SessionOptions } from '../session/options.js'

/** Files of the server's TLS. They are read again when they change, for new connections. */
export interface TlsOptions {
  /** PEM files. */
  readonly certificate: string
  readonly privateKey: string
  /** PEM file of the authorities that may sign clients' certificates; given: clients must show one. Default: none. */
  readonly clientAuthorities?: string
  /** How often the files are looked at, milliseconds. Default: 5,000. */
  readonly reloadMs?: number
}

/** How `serve` runs. */
export interface ServeOptions {
  /**
   * Where to listen: `host:port` (port 0: any free one), `unix:/path`; one or several. Default: `127.0.0.1:0`.
   */
  readonly address?: string | readonly string[]
  /** Default: plain text, which is refused on addresses that are not loopback unless `allowPlaintext`. */
  readonly tls?: TlsOptions
  /** `true`: plain text on any address. Default: `false`. */
  readonly allowPlaintext?: boolean
  /** Sessions and their limits. */
  readonly session?: SessionOptions
  /** Sessions at once; one more is refused with RESOURCE_EXHAUSTED. Default: 256. */
  readonly maxSessions?: number
  /** Unary calls at once; one more is refused with RESOURCE_EXHAUSTED. Default: 4,096. */
  readonly maxUnaryCalls?: number
  /** Handlers kept for unary callers, by `adapter_config`; beyond, the one unused longest is closed. Default: 64. */
  readonly maxUnaryHandlers?: number
  /** How long a handler stays open when no session holds it, milliseconds. Default: 30,000. */
  readonly lingerMs?: number
  /** Longest wait of `drain` for what is under way, milliseconds. Default: 10,000. */
  readonly drainGraceMs?: number
  /** Signals that drain; a second one closes at once. Default: none. */
  readonly signals?: readonly NodeJS.Signals[]
  /** Takes the server's own lines, and what handlers threw, with its stack. Default: standard error. */
  readonly log?: (line: string) => void
}

/** Serve options, complete. */
export interface ResolvedServeOptions {
  readonly addresses: readonly string[]
  readonly tls:
    | (Required<Omit<TlsOptions, 'clientAuthorities'>> & { readonly clientAuthorities: string | undefined })
    | undefined
  readonly allowPlaintext: boolean
  readonly session: SessionOptions
  readonly maxSessions: number
  readonly maxUnaryCalls: number
  readonly maxUnaryHandlers: number
  readonly lingerMs: number
  readonly drainGraceMs: number
  readonly signals: readonly NodeJS.Signals[]
  readonly log: (line: string) => void
}

/** @throws {RangeError} when a number is not an integer in its range, or no address is given. */
export function resolveServeOptions(options: ServeOptions = {}): ResolvedServeOptions {
  const { address = '127.0.0.1:0', tls } = options
  const addresses = typeof address === 'string' ? [address] : address
  if (addresses.length === 0) throw new RangeError('There is no address to listen on')
  const { maxSessions = 256, maxUnaryCalls = 4_096, maxUnaryHandlers = 64 } = options
  const { lingerMs = 30_000, drainGraceMs = 10_000 } = options
  for (const [what, value] of Object.entries({ maxSessions, maxUnaryCalls, maxUnaryHandlers })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${what} must be a positive integer, not ${value}`)
  }
  for (const [what, value] of Object.entries({ lingerMs, drainGraceMs })) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`${what} must be 0 or more, not ${value}`)
  }
  return {
    addresses,
    tls: tls && {
      certificate: tls.certificate,
      privateKey: tls.privateKey,
      clientAuthorities: tls.clientAuthorities,
      reloadMs: tls.reloadMs ?? 5_000,
    },
    allowPlaintext: options.allowPlaintext ?? false,
    session: options.session ?? {},
    maxSessions,
    maxUnaryCalls,
    maxUnaryHandlers,
    lingerMs,
    drainGraceMs,
    signals: options.signals ?? [],
    log: options.log ?? (line => void process.stderr.write(`${line}\n`)),
  }
}
