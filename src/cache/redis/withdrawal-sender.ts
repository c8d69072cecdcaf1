import type { Clock } from '../../mixer/engine/ports.js'
import type { Telemetry } from '../../mixer/telemetry/index.js'
import type { Commands } from './connection.js'
import type { Epochs } from './epochs.js'
import type { Keys } from './keys.js'
import { everything, type Withdrawal, writeWithdrawal } from './withdrawal.js'

/** Withdrawals that wait for Redis; beyond them one withdrawal of everything takes their place. */
const maxWaiting = 10_000
/** Withdrawals this young are told again when a connection is ready: a node that took over may not have heard them. */
const repeatMs = 60_000
const maxRepeated = 1_000
/** The pause before a try that follows a failed one: it doubles up to the longest. A connection that is ready ends it. */
const retryMs = 200
const maxRetryMs = 5_000

/** Takes answers back in Redis and on the other hosts, in order, until it has succeeded. */
export class WithdrawalSender {
  #waiting: Withdrawal[] = []
  #recent: { readonly at: number; readonly withdrawal: Withdrawal }[] = []
  #sending = false
  #closed = false
  /** Ends the pause before the next try; undefined while there is none. */
  #stopPause: (() => void) | undefined
  #failures = 0
  /** Why it failed last; empty when it did not. */
  #problem = ''

  constructor(
    private readonly commands: Commands,
    private readonly keys: Keys,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
    private readonly hostId: string,
    private readonly epochs: Epochs,
  ) {
    commands.whenReady(() => {
      const young = this.clock.now() - repeatMs
      this.#recent = this.#recent.filter(({ at }) => at >= young)
      for (const { withdrawal } of this.#recent) this.#enqueue(withdrawal)
      this.#stopPause?.()
      this.#stopPause = undefined
      void this.#sendAll()
    })
  }

  get pending(): number {
    return this.#waiting.length
  }

  send(withdrawal: Withdrawal): void {
    this.#recent.push({ at: this.clock.now(), withdrawal })
    if (this.#recent.length > maxRepeated) this.#recent = [{ at: this.clock.now(), withdrawal: everything }]
    this.#enqueue(withdrawal)
    void this.#sendAll()
  }

  close(): void {
    this.#closed = true
    this.#stopPause?.()
  }

  #enqueue(withdrawal: Withdrawal): void {
    if (this.#waiting.length >= maxWaiting) this.#waiting = [everything]
    else this.#waiting.push(withdrawal)
  }

  async #sendAll(): Promise<void> {
    if (this.#sending || this.#stopPause !== undefined) return
    this.#sending = true
    try {
      for (let first = this.#waiting[0]; first !== undefined && !this.#closed; first = this.#waiting[0]) {
        await this.#sendOne(first)
        this.#failures = 0
        this.#problem = ''
        if (this.#waiting[0] === first) this.#waiting.shift()
      }
    } catch (cause) {
      this.#failed(this.commands.reasonOf(cause))
    } finally {
      this.#sending = false
    }
  }

  #failed(reason: string): void {
    // How long it waits is in the status; what it waits for is said once.
    if (reason !== this.#problem)
      this.telemetry.log.warn('withdrawal_waits', { waiting: this.#waiting.length, reason })
    this.#problem = reason
    if (this.#closed) return
    this.#stopPause = this.clock.after(
      Math.min(maxRetryMs, retryMs * 2 ** Math.min(this.#failures++, 5)),
      () => {
        this.#stopPause = undefined
        void this.#sendAll()
      },
    )
  }

  async #sendOne(withdrawal: Withdrawal): Promise<void> {
    const { handler, key } = withdrawal
    await Promise.all(
      this.keys.shards.map(shard =>
        this.commands.withdraw(
          [this.keys.sequence(shard), this.keys.generation(shard, handler, key)],
          this.epochs.next(),
        ),
      ),
    )
    await this.commands.publish(this.keys.channel, writeWithdrawal(this.hostId, withdrawal))
  }
}
