import { Server, ServerCredentials } from '@grpc/grpc-js'
import type { Adapter } from '../adapter.js'
import { socketFeature } from '../protocol/socket-framing.js'
import { systemClock } from '../session/clock.js'
import { HandlerPool } from '../session/handler-pool.js'
import { resolveSessionOptions } from '../session/options.js'
import { AdapterProcess } from '../session/process.js'
import { addressText, isLocal, type ListenAddress, parseListenAddress } from './address.js'
import { HealthService } from './health-service.js'
import { type ConnectionTakers, Listener } from './listener.js'
import { type ResolvedServeOptions, resolveServeOptions, type ServeOptions } from './options.js'
import { crashLog, limited } from './own-log.js'
import { ReloadingTls } from './reloading-tls.js'
import { SessionService } from './session-service.js'
import { onSignals } from './signals.js'
import { SocketSessions } from './socket-sessions.js'
import { serveStreams } from './stream-sessions.js'
import { UnaryHandlers } from './unary-handlers.js'
import { UnaryService } from './unary-service.js'

/** An adapter process that listens. */
export interface Served {
  /** The first address, as a gRPC target with the port that was bound. */
  readonly address: string
  readonly addresses: readonly string[]
  /** Takes nothing new, finishes what is under way (at most `drainGraceMs`), then closes. Safe twice. */
  drain(reason?: string): Promise<void>
  /** Ends everything at once. Safe twice. */
  close(): Promise<void>
}

/** The largest message of Istio's unary services. */
const unaryMessageBytes = 4_194_304
/** How long a closing server waits for its connections to end, milliseconds. */
const shutdownMs = 1_000

/**
 * Serves one or several adapters as a process of their own: the session for hosts that know it, on gRPC streams and on bare
 * sockets, Istio's unary services for those that do not, and `grpc.health.v1`; all of them on each address.
 * @throws {TypeError | RangeError} for options that cannot be; whatever binding an address says.
 */
export async function serve(
  adapters: Adapter | readonly Adapter[],
  options: ServeOptions = {},
): Promise<Served> {
  const list = 'open' in adapters ? [adapters] : adapters
  const resolved = resolveServeOptions(options)
  const process = new AdapterProcess(list)
  const named = { name: list.map(adapter => adapter.name).join(','), version: list[0]?.version ?? '' }
  const clock = resolved.session.clock ?? systemClock
  const log = limited(resolved.log, clock)
  const crashed = resolved.session.crashed ?? crashLog(log, clock)
  const session = resolveSessionOptions({ ...resolved.session, clock, crashed }, named, [socketFeature])
  const closeFailed = (id: string, thrown: unknown) =>
    log(`Closing handler ${id} failed: ${thrown instanceof Error ? thrown.message : thrown}`)
  const pool = new HandlerPool({ clock, lingerMs: resolved.lingerMs, maxLingering: 256, closeFailed })
  const unaryPool = new HandlerPool({ clock, lingerMs: 0, maxLingering: 1, closeFailed })
  const handlers = new UnaryHandlers(unaryPool, resolved.maxUnaryHandlers, log)

  const server = new Server({
    'grpc.max_receive_message_length': Math.max(unaryMessageBytes, session.limits.frameBytes + 1_024),
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 20_000,
  })
  const sessions = new SessionService({ process, pool, session, maxSessions: resolved.maxSessions, log })
  const unary = new UnaryService({
    adapters: list,
    handlers,
    maxCalls: resolved.maxUnaryCalls,
    clock,
    crashed,
  })
  const services = list.flatMap(adapter => adapter.templates.map(t => t.methodPath.split('/')[1] ?? ''))
  const health = new HealthService(['outboard.adapter.v1.AdapterSession', ...services])
  serveStreams(server, sessions)
  unary.register(server)
  health.register(server)

  const sockets = new SocketSessions(sessions)
  // The listener has seen to TLS: what gRPC gets is plain.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const takers: ConnectionTakers = {
    http2: socket => injector.injectConnection(socket),
    http1: socket => sockets.take(socket),
  }

  const listening = resolved.addresses.map(parseListenAddress)
  for (const address of listening) refusePlaintext(address, resolved)
  const tls = resolved.tls === undefined ? undefined : new ReloadingTls(resolved.tls, clock, log)
  const listeners: Listener[] = []
  const stopListening = (): void => {
    tls?.stop()
    for (const listener of listeners) listener.stop()
    injector.destroy()
  }
  try {
    const options = { tls, takers, clock, silenceMs: session.handshakeMs }
    for (const address of listening) listeners.push(await Listener.open(address, options))
  } catch (thrown) {
    stopListening()
    server.forceShutdown()
    throw thrown
  }
  const addresses = listeners.map(listener => listener.address)

  let closing: Promise<void> | undefined
  let draining: Promise<void> | undefined
  const close = async (): Promise<void> => {
    stopSignals()
    stopListening()
    sessions.close('The adapter is shutting down')
    health.close()
    await Promise.all([
      shutDown(server),
      sockets.ended(shutdownMs),
      ...listeners.map(listener => listener.ended(shutdownMs, clock)),
    ])
    await Promise.race([
      Promise.all([handlers.close(), pool.close()]),
      new Promise<void>(resolve => clock.after(resolved.drainGraceMs, resolve)),
    ])
  }
  const drain = async (reason: string): Promise<void> => {
    log(`Draining: ${reason}`)
    health.stopServing()
    stopListening()
    let stopGrace = () => {}
    const grace = new Promise<void>(resolve => {
      stopGrace = clock.after(resolved.drainGraceMs, resolve)
    })
    await Promise.race([Promise.all([sessions.drain(reason), unary.idle()]), grace])
    stopGrace()
    await served.close()
    log('Drained')
  }
  const served: Served = {
    address: addresses[0] ?? '',
    addresses,
    drain(reason = 'The adapter is being replaced') {
      draining ??= closing ?? drain(reason)
      return draining
    },
    close() {
      closing ??= close()
      return closing
    },
  }
  const stopSignals = onSignals(resolved.signals, served)
  log(`Serving ${list.map(a => `${a.name} ${a.version}`).join(', ')} on ${addresses.join(', ')}`)
  return served
}

function refusePlaintext(address: ListenAddress, options: ResolvedServeOptions): void {
  if (options.tls !== undefined || options.allowPlaintext || isLocal(address)) return
  throw new TypeError(
    `Cannot listen in plain text on ${addressText(address, address.kind === 'tcp' ? address.port : 0)}, which is not ` +
      'loopback: give tls, or allowPlaintext',
  )
}

/** Lets what was written leave, but not for long. */
async function shutDown(server: Server): Promise<void> {
  await new Promise<void>(resolve => {
    const timer = setTimeout(() => {
      server.forceShutdown()
      resolve()
    }, shutdownMs)
    server.tryShutdown(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
