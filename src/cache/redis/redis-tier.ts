import type { AttributeBag } from '../../mixer/attributes/index.js'
import { Breaker } from '../../mixer/engine/breaker.js'
import type { Clock } from '../../mixer/engine/ports.js'
import type { Telemetry } from '../../mixer/telemetry/index.js'
import { CacheMeters } from '../meters.js'
import type {
  SecondTier,
  SecondTierStatus,
  SharedAnswer,
  SharedFound,
  SharedMiss,
  WithdrawalListener,
} from '../second-tier.js'
import type { Shape } from '../shape.js'
import type { Commands } from './connection.js'
import { Ear } from './ear.js'
import { Epochs } from './epochs.js'
import { clusterShards, Keys } from './keys.js'
import { KnownShapes } from './known-shapes.js'
import type { ResolvedRedisTierOptions } from './options.js'
import { writeShape } from './shared-shapes.js'
import { TierState } from './tier-state.js'
import { read, write } from './wire.js'
import { readWithdrawal } from './withdrawal.js'
import { WithdrawalSender } from './withdrawal-sender.js'

interface Candidate {
  readonly shape: Shape
  readonly identity: string
  readonly key: string
}

/**
 * The second tier in Redis: single, Sentinel or Cluster. Nothing here can make an answer wrong: what is read must be an
 * answer to exactly this question, must not have been withdrawn on the node that gives it, and holds no longer than
 * the node's own count-down says. Nothing here waits longer than its bound.
 */
export class RedisTier implements SecondTier {
  readonly #keys: Keys
  readonly #epochs = new Epochs()
  readonly #meters: CacheMeters
  readonly #breaker: Breaker
  readonly #shapes: KnownShapes
  readonly #withdrawals: WithdrawalSender
  readonly #moments: (string | undefined)[]
  readonly #failed: (reason: 'timeout' | 'error' | 'garbage' | 'busy') => void
  readonly #state: TierState
  #ear: Ear | undefined
  #pending = 0

  constructor(
    private readonly options: ResolvedRedisTierOptions,
    private readonly commands: Commands,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
    /** Tells this host's own withdrawals from those of others; chosen by chance at start. */
    private readonly hostId: string,
  ) {
    const shards = options.servers.kind === 'cluster' ? clusterShards : 1
    this.#keys = new Keys(options.namespace, shards)
    this.#meters = new CacheMeters(telemetry, 'redis')
    this.#breaker = new Breaker({ failures: options.failures, openMs: options.openMs }, clock)
    this.#shapes = new KnownShapes(commands, this.#keys, clock)
    this.#withdrawals = new WithdrawalSender(commands, this.#keys, clock, telemetry, hostId, this.#epochs)
    this.#moments = new Array<string | undefined>(shards)
    const failures = (reason: string) =>
      telemetry.counter('outboard_cache_tier_failures_total', { tier: 'redis', reason })
    const counters = {
      timeout: failures('timeout'),
      error: failures('error'),
      garbage: failures('garbage'),
      busy: failures('busy'),
    }
    this.#failed = reason => counters[reason].add(1)
    telemetry.gauge('outboard_cache_tier_open', { tier: 'redis' }, () => (this.#breaker.isOpen ? 1 : 0))
    this.#state = new TierState(telemetry.log)
    telemetry.gauge('outboard_cache_tier_ready', { tier: 'redis' }, () => (this.#isReady ? 1 : 0))
    let connections = 0
    commands.whenReady(() => {
      const connection = ++connections
      // Moments from before may be of a node that is gone.
      this.#moments.fill(undefined)
      // Ready before they are known, the first answers would be kept by nobody.
      void this.#learnMoments().then(() => {
        if (connection === connections) this.#state.commands(undefined)
      })
    })
    commands.whenLost(reason => {
      connections++
      this.#state.commands(reason)
    })
  }

  listen(listener: WithdrawalListener): void {
    const channels = { heard: this.#keys.channel, own: this.#keys.ownChannel(this.#epochs.next()) }
    this.#ear = new Ear(this.commands, this.clock, this.options.hearingMs, channels, {
      began: () => {
        // Also the first time: what was kept before may have been withdrawn before.
        listener.everythingWithdrawn()
        this.#state.ear(undefined)
      },
      heard: message => this.#heard(message, listener),
      deaf: (reason, since) => {
        this.#state.ear(reason)
        if (since === 'silent') listener.everythingWithdrawn()
      },
    })
    this.#ear.open()
  }

  async find(
    revision: string,
    bag: AttributeBag,
    shapes: readonly Shape[],
  ): Promise<SharedFound | SharedMiss> {
    const nothing: SharedMiss = { kind: 'miss', moments: [] }
    if (this.#state.at !== 'ready' || this.#withdrawals.pending > 0) return nothing
    if (this.#pending >= this.options.maxPending) {
      this.#failed('busy')
      return nothing
    }
    if (this.#breaker.admit() === 'refuse') return nothing
    this.#pending++
    const sentAt = this.clock.now()
    const moments = [...this.#moments]
    const answer = await this.#bounded(this.#ask(revision, bag, shapes, moments, sentAt))
    switch (answer) {
      case 'timeout':
      case 'error':
        this.#breaker.failed()
        this.#failed(answer)
        return nothing
      default:
        this.#breaker.succeeded()
        if (answer.kind === 'found') this.#meters.hits.add(1)
        else this.#meters.misses.add(1)
        return answer
    }
  }

  keep(revision: string, bag: AttributeBag, answer: SharedAnswer, { moments }: SharedMiss): void {
    const { shape, parts, uses } = answer
    const forMs = Math.floor(Math.min(answer.forMs - this.options.skewMs, this.options.maxSharedMs))
    const values = shape.keyOf(bag)
    if (
      forMs <= 0 ||
      values === undefined ||
      this.#state.at !== 'ready' ||
      this.#pending >= this.options.maxPending
    )
      return
    const written = writeShape(shape, bag.vocabulary)
    const identity = this.#keys.identity(revision, written, values)
    const { shard, key } = this.#keys.entry(identity)
    const moment = moments[shard]
    const text = write(identity, answer)
    if (moment === undefined || text === undefined) return
    this.#pending++
    const kept = this.commands.keep(
      [this.#keys.sequence(shard), key, ...this.#keys.generations(shard, parts)],
      [moment, text, uses, forMs],
    )
    void kept
      .then(
        said => {
          if (said === 1) this.#meters.kept.add(1)
        },
        () => this.#failed('error'),
      )
      .finally(() => this.#pending--)
    this.#shapes.share(revision, written)
  }

  withdraw(handler: string, key: string | undefined): void {
    this.#withdrawals.send({ handler, key })
  }

  flush(): void {
    this.#withdrawals.send({ handler: undefined, key: undefined })
  }

  status(): SecondTierStatus {
    const { at, reason } = this.#state
    const withdrawalsPending = this.#withdrawals.pending
    if (at === 'ready' && this.#breaker.isOpen)
      return { state: 'left-alone', reason: 'look-ups failed', withdrawalsPending }
    return { state: at, reason, withdrawalsPending }
  }

  close(): void {
    this.#withdrawals.close()
    this.#ear?.close()
    this.commands.close()
  }

  get #isReady(): boolean {
    return this.#state.at === 'ready' && !this.#breaker.isOpen
  }

  /** A withdrawal of another host. One that cannot be read may be any. */
  #heard(message: string, listener: WithdrawalListener): void {
    const heard = readWithdrawal(message)
    if (heard === undefined) {
      this.telemetry.log.warn('withdrawal_unreadable', { length: message.length })
      listener.everythingWithdrawn()
    } else if (heard.host !== this.hostId) {
      if (heard.handler === undefined) listener.everythingWithdrawn()
      else listener.withdrawn(heard.handler, heard.key)
    }
  }

  /** Waits at most the bound; what comes later is dropped. */
  #bounded<Answer>(asked: Promise<Answer>): Promise<Answer | 'timeout' | 'error'> {
    return new Promise(resolve => {
      const stop = this.clock.after(this.options.waitMs, () => resolve('timeout'))
      const done = (answer: Answer | 'error') => {
        this.#pending--
        stop()
        resolve(answer)
      }
      asked.then(done, () => done('error'))
    })
  }

  async #ask(
    revision: string,
    bag: AttributeBag,
    shapes: readonly Shape[],
    moments: (string | undefined)[],
    sentAt: number,
  ): Promise<SharedFound | SharedMiss> {
    const known = await this.#shapes.all(revision, bag.vocabulary, shapes)
    const byShard = new Map<number, Candidate[]>()
    for (const { shape, written } of known) {
      const values = shape.keyOf(bag)
      if (values === undefined) continue
      const identity = this.#keys.identity(revision, written, values)
      const { shard, key } = this.#keys.entry(identity)
      byShard.set(shard, [...(byShard.get(shard) ?? []), { shape, identity, key }])
    }
    const replies = await Promise.all(
      [...byShard].map(async ([shard, candidates]) => {
        const keys = [this.#keys.sequence(shard), ...candidates.map(({ key }) => key)]
        return { shard, candidates, reply: await this.commands.find(keys, this.#epochs.next()) }
      }),
    )
    for (const { shard, candidates, reply } of replies) {
      if (!Array.isArray(reply)) continue
      const [kind, text, left, uses, concerned]: unknown[] = reply
      if (kind === 'miss' && typeof text === 'string') {
        moments[shard] = text
        this.#moments[shard] = text
      } else if (
        kind === 'hit' &&
        typeof text === 'string' &&
        typeof left === 'number' &&
        typeof uses === 'number' &&
        typeof concerned === 'string'
      ) {
        const answer = this.#answer(candidates, text, left - (this.clock.now() - sentAt), uses)
        if (answer !== undefined && this.#concerns(concerned, shard, answer)) return { kind: 'found', answer }
        this.#failed('garbage')
      }
    }
    return { kind: 'miss', moments }
  }

  /** The answer in a text, when it is one to a question that was asked and still holds. */
  #answer(
    candidates: readonly Candidate[],
    text: string,
    forMs: number,
    uses: number,
  ): SharedAnswer | undefined {
    if (forMs <= 0 || forMs > this.options.maxSharedMs) return undefined
    for (const { shape, identity } of candidates) {
      const outcome = read(identity, text)
      if (outcome !== undefined) return { ...outcome, shape, forMs, uses: uses < 0 ? -1 : uses - 1 }
    }
    return undefined
  }

  /** Whether what Redis looked at, keys and values by turns, are the generations that concern the answer, and all of them. */
  #concerns(looked: string, shard: number, { parts }: SharedAnswer): boolean {
    const keys = looked.split(' ').filter((_, index) => index % 2 === 0)
    return keys.join(' ') === this.#keys.generations(shard, parts).join(' ')
  }

  async #learnMoments(): Promise<void> {
    await Promise.allSettled(
      this.#keys.shards.map(async shard => {
        const reply = await this.commands.find([this.#keys.sequence(shard)], this.#epochs.next())
        if (Array.isArray(reply) && typeof reply[1] === 'string') this.#moments[shard] = reply[1]
      }),
    )
  }
}
