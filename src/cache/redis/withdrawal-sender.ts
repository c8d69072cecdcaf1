import type { Clock } from '../../mixer/engine/ports.js'
import type { Telemetry } from '../../mixer/telemetry/index.js'
import type { WithdrawalListener } from '../second-tier.js'
import type { Commands } from './connection.js'
import type { Epochs } from './epochs.js'
import type { Keys } from './keys.js'

/** Both undefined: everything. */
export interface Withdrawal {
  readonly handler: string | undefined
  readonly key: string | undefined
}

const everything: Withdrawal = { handler: undefined, key: undefined }

/** Withdrawals that wait for Redis; beyond them one withdrawal of everything takes their place. */
const maxWaiting = 10_000
/** Withdrawals this young are told again when a connection is ready: a node that took over may not have heard them. */
const repeatMs = 60_000
const maxRepeated = 1_000
const retryMs = 200

/** Takes answers back in Redis and on the other hosts, in order, until it has succeeded. */
export class WithdrawalSender {
  #waiting: Withdrawal[] = []
  #recent: { readonly at: number; readonly withdrawal: Withdrawal }[] = []
  #sending = false
  #closed = false

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

  /** Hears the withdrawals of other hosts. After a gap in hearing everything must count as withdrawn. */
  listen(listener: WithdrawalListener): void {
    let heardBefore = false
    this.commands.listen(
      this.keys.channel,
      message => {
        const heard = parse(message)
        if (heard === undefined) {
          this.telemetry.log.warn('withdrawal_unreadable', { length: message.length })
          listener.everythingWithdrawn()
        } else if (heard.host !== this.hostId) {
          if (heard.handler === undefined) listener.everythingWithdrawn()
          else listener.withdrawn(heard.handler, heard.key)
        }
      },
      () => {
        if (heardBefore) listener.everythingWithdrawn()
        heardBefore = true
      },
    )
  }

  close(): void {
    this.#closed = true
  }

  #enqueue(withdrawal: Withdrawal): void {
    if (this.#waiting.length >= maxWaiting) this.#waiting = [everything]
    else this.#waiting.push(withdrawal)
  }

  async #sendAll(): Promise<void> {
    if (this.#sending) return
    this.#sending = true
    try {
      for (let first = this.#waiting[0]; first !== undefined && !this.#closed; first = this.#waiting[0]) {
        await this.#sendOne(first)
        if (this.#waiting[0] === first) this.#waiting.shift()
      }
    } catch (cause) {
      this.telemetry.log.warn('withdrawal_waits', { waiting: this.#waiting.length, reason: String(cause) })
      if (!this.#closed) this.clock.after(retryMs, () => void this.#sendAll())
    } finally {
      this.#sending = false
    }
  }

  async #sendOne({ handler, key }: Withdrawal): Promise<void> {
    await Promise.all(
      this.keys.shards.map(shard =>
        this.commands.withdraw(
          [this.keys.sequence(shard), this.keys.generation(shard, handler, key)],
          this.epochs.next(),
        ),
      ),
    )
    const message = { host: this.hostId, handler: handler ?? null, key: key ?? null }
    await this.commands.publish(this.keys.channel, JSON.stringify(message))
  }
}

function parse(
  message: string,
): { host: string; handler: string | undefined; key: string | undefined } | undefined {
  try {
    const data: unknown = JSON.parse(message)
    if (typeof data !== 'object' || data === null) return undefined
    const { host, handler, key }: Record<string, unknown> = { ...data }
    if (typeof host !== 'string') return undefined
    if (handler !== null && typeof handler !== 'string') return undefined
    if (key !== null && typeof key !== 'string') return undefined
    return { host, handler: handler ?? undefined, key: key ?? undefined }
  } catch {
    return undefined
  }
}
