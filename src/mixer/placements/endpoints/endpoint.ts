import type { AdapterError } from '@outboard/adapters-sdk'
import type { EndpointStatus } from '../../engine/ports.js'
import { failure, messageOf } from '../failure.js'
import type { Link, LinkEvents } from '../link.js'
import type { Remote } from '../options.js'
import { AttachedHandlers, type AttachedTo } from './attached.js'
import { backoffMs } from './backoff.js'
import { EndpointMeters } from './endpoint-meters.js'
import { type Connection, connectionOf, type EndpointState, isHopeful, statusOf } from './endpoint-state.js'

/** How an endpoint connects, and when its files have changed. */
export interface Dialer {
  /** Rejects with an AdapterError; a link that was handed out has not ended. `signal` gives the attempt up. */
  connect(
    events: LinkEvents,
    signal: AbortSignal,
  ): Promise<{ readonly link: Link; readonly fingerprint: string }>
  /** What the files are now. */
  fingerprint(): string
}

/** A handler that wants to be reached here. */
export type Attached = AttachedTo<Endpoint>

/** One place where an adapter runs: it keeps one connection, and tells the handlers when they can use it. */
export class Endpoint {
  readonly address: string
  readonly #dialer: Dialer
  readonly #remote: Remote
  readonly #meters: EndpointMeters
  readonly #attached: AttachedHandlers<Endpoint>
  #state: EndpointState
  /** Attempts that failed since the last connection that was stable. */
  #failures = 0
  #attempt: AbortController | undefined
  #stopRetry = () => {}
  #stopRotation = () => {}

  constructor(address: string, dialer: Dialer, remote: Remote) {
    this.address = address
    this.#dialer = dialer
    this.#remote = remote
    this.#state = { at: 'connecting', since: remote.clock.now(), reason: 'not yet connected' }
    this.#attached = new AttachedHandlers<Endpoint>(
      this,
      remote,
      connection => connectionOf(this.#state) === connection,
    )
    this.#meters = new EndpointMeters(remote.telemetry, address, () => this.status())
    this.#connect()
    this.#watchFiles()
  }

  get state(): EndpointState {
    return this.#state
  }

  get inFlight(): number {
    return connectionOf(this.#state)?.link.inFlight ?? 0
  }

  get hopeful(): boolean {
    return isHopeful(this.#state, this.#remote.clock.now())
  }

  status(): EndpointStatus {
    return statusOf(this.address, this.#state, this.inFlight)
  }

  attach(handler: Attached): void {
    this.#attached.attach(handler, connectionOf(this.#state))
  }

  detach(handler: Attached): void {
    this.#attached.detach(handler, connectionOf(this.#state))
  }

  /** Sets the endpoint aside: it gets no calls while others are ready, except one now and then to see. */
  degrade(reason: string, recoverBelowMs: number): void {
    const state = this.#state
    if (state.at !== 'ready') return
    const { probeMs } = this.#remote.timing
    state.connection.link.latency.restart()
    this.#become({
      at: 'degraded',
      since: this.#remote.clock.now(),
      reason,
      connection: state.connection,
      recoverBelowMs,
      probeAt: this.#remote.clock.now() + probeMs,
      probeEveryMs: probeMs,
    })
  }

  /** Whether a call may go out to see how it does now; at most one each while. */
  takeProbe(): boolean {
    const state = this.#state
    const now = this.#remote.clock.now()
    if (state.at !== 'degraded' || now < state.probeAt) return false
    const probeEveryMs = Math.min(30_000, state.probeEveryMs * 2)
    this.#state = { ...state, probeAt: now + state.probeEveryMs, probeEveryMs }
    return true
  }

  /** Brings an endpoint back that answers as it should again. */
  reconsider(): void {
    const state = this.#state
    if (state.at !== 'degraded') return
    const { lastMs } = state.connection.link.latency
    if (lastMs === undefined || lastMs >= state.recoverBelowMs) return
    this.#ready(state.connection, `answers again, in ${lastMs.toFixed(1)} ms`)
  }

  /** Lets go of everything; calls under way may finish. */
  async close(): Promise<void> {
    if (this.#state.at === 'closed') return
    const connection = connectionOf(this.#state)
    this.#attempt?.abort()
    this.#stopRetry()
    this.#stopRotation()
    this.#meters.stop()
    this.#become({ at: 'closed', since: this.#remote.clock.now(), reason: 'no handler needs it' })
    await connection?.link.retire('the host has no handler for it any more', this.#remote.timing.retireMs)
  }

  /** Starts an attempt, unless one is under way. A connection in use stays in use until the new one stands. */
  #connect(): void {
    if (this.#attempt !== undefined || this.#state.at === 'closed') return
    this.#stopRetry()
    const attempt = new AbortController()
    this.#attempt = attempt
    let connection: Connection | undefined
    let ended: AdapterError | undefined
    const events: LinkEvents = {
      draining: reason => connection && this.#linkDraining(connection, reason),
      ended: error => {
        ended = error
        if (connection !== undefined) this.#linkEnded(connection, error)
      },
    }
    this.#dialer.connect(events, attempt.signal).then(
      ({ link, fingerprint }) => {
        this.#attempt = undefined
        if (attempt.signal.aborted) {
          link.destroy(failure('ADAPTER_UNAVAILABLE', 'The endpoint was closed while it connected'))
        } else if (ended !== undefined) {
          this.#attemptFailed(ended)
        } else {
          connection = { link, fingerprint, since: this.#remote.clock.now(), handlers: new Map() }
          this.#adopt(connection)
        }
      },
      (thrown: unknown) => {
        this.#attempt = undefined
        if (!attempt.signal.aborted) this.#attemptFailed(thrown)
      },
    )
  }

  #adopt(connection: Connection): void {
    const before = connectionOf(this.#state)
    this.#meters.connected()
    this.#ready(connection, `connected by ${connection.link.protocol}`)
    const opened = this.#attached.openAll(connection)
    if (before === undefined) return
    // A rotation: handlers move over one by one, the old connection goes when the last has moved.
    void opened.then(() => {
      this.#attached.leaveBehind(before, connection)
      return before.link.retire('replaced by a new connection', this.#remote.timing.retireMs)
    })
  }

  #ready(connection: Connection, reason: string): void {
    this.#become({ at: 'ready', since: this.#remote.clock.now(), reason, connection })
  }

  /** The adapter takes nothing new. Its calls under way finish on the old connection, which then ends by itself. */
  #linkDraining(connection: Connection, reason: string): void {
    if (connectionOf(this.#state) !== connection) return
    const now = this.#remote.clock.now()
    this.#become({
      at: 'draining',
      since: now,
      reason: `the adapter takes nothing new: ${reason}`,
      patientUntil: now + this.#remote.timing.patienceMs,
    })
    this.#attached.leave(connection, `the adapter is draining: ${reason}`)
    void connection.link.retire('the adapter is draining', this.#remote.timing.retireMs)
    this.#reconnect(connection)
  }

  #linkEnded(connection: Connection, error: AdapterError): void {
    if (connectionOf(this.#state) !== connection) return
    this.#meters.lost(error)
    if (this.#isStable(connection)) {
      this.#become({ at: 'connecting', since: this.#remote.clock.now(), reason: `lost: ${error.message}` })
    } else {
      this.#become({ at: 'down', since: this.#remote.clock.now(), reason: error.message })
    }
    this.#attached.leave(connection, error.message)
    this.#reconnect(connection)
  }

  #isStable(connection: Connection): boolean {
    return this.#remote.clock.now() - connection.since >= this.#remote.timing.stableMs
  }

  /** At once after a connection that was stable; else as after a failed attempt, so that no adapter makes us spin. */
  #reconnect(after: Connection): void {
    if (this.#isStable(after)) {
      this.#failures = 0
      this.#connect()
    } else {
      this.#failures += 1
      this.#retryLater()
    }
  }

  #attemptFailed(thrown: unknown): void {
    const reason = messageOf(thrown)
    this.#failures += 1
    this.#meters.failed()
    const state = this.#state
    const now = this.#remote.clock.now()
    switch (state.at) {
      case 'ready':
      case 'degraded':
        // A rotation that failed: what runs keeps running.
        this.#remote.telemetry.log.warn('endpoint_rotation_failed', { address: this.address, reason })
        return
      case 'draining':
        if (now < state.patientUntil) break
        this.#become({ at: 'down', since: now, reason })
        break
      case 'connecting':
      case 'down':
        this.#become({ at: 'down', since: state.at === 'down' ? state.since : now, reason })
        break
      case 'closed':
        return
    }
    this.#retryLater()
  }

  #retryLater(): void {
    const { clock, timing, random } = this.#remote
    this.#stopRetry()
    this.#stopRetry = clock.after(backoffMs(timing.backoff, this.#failures, random), () => this.#connect())
  }

  /** New files are used by a new connection; the calls on the old one finish there. */
  #watchFiles(): void {
    const { clock, timing } = this.#remote
    this.#stopRotation = clock.after(timing.rotateMs, () => {
      const connection = connectionOf(this.#state)
      if (connection !== undefined && this.#dialer.fingerprint() !== connection.fingerprint) this.#connect()
      if (this.#state.at !== 'closed') this.#watchFiles()
    })
  }

  /** The one place where the state changes to another kind. */
  #become(state: EndpointState): void {
    const before = this.#state
    this.#state = state
    this.#meters.became(before, state)
    this.#attached.changed()
  }
}
