import type { Remote } from '../options.js'

/** What liveness does to its session. */
export interface LivenessActs {
  ping(nonce: number): void
  dead(reason: string): void
  /** Time to look at calls whose time is over. */
  sweep(): void
}

/** How often a session is looked at, milliseconds. One timer a session; none a call. */
const lookMs = 1_000

/** Asks a silent adapter whether it lives, and gives it up when it does not say. */
export class Liveness {
  readonly #remote: Remote
  readonly #acts: LivenessActs
  #heardAt: number
  #nonce = 0
  #pingedAt: number | undefined
  #stop = () => {}

  constructor(remote: Remote, acts: LivenessActs) {
    this.#remote = remote
    this.#acts = acts
    this.#heardAt = remote.clock.now()
    this.#next()
  }

  /** Any frame is a sign of life. */
  heard(): void {
    this.#pingedAt = undefined
    this.#heardAt = Number.POSITIVE_INFINITY // the next look reads the clock; a frame does not
  }

  stop(): void {
    this.#stop()
    this.#stop = () => {}
  }

  #next(): void {
    const every = Math.min(lookMs, this.#remote.timing.pingEveryMs)
    this.#stop = this.#remote.clock.after(every, () => {
      this.#next()
      this.#look()
    })
  }

  #look(): void {
    const now = this.#remote.clock.now()
    const { pingEveryMs, pingTimeoutMs } = this.#remote.timing
    if (this.#heardAt === Number.POSITIVE_INFINITY) this.#heardAt = now
    if (this.#pingedAt !== undefined) {
      if (now - this.#pingedAt < pingTimeoutMs) return
      this.#acts.dead(`No sign of life for ${Math.round(now - this.#heardAt)} ms, and no answer to a ping`)
      return
    }
    if (now - this.#heardAt >= pingEveryMs) {
      this.#pingedAt = now
      this.#acts.ping(++this.#nonce)
    }
    this.#acts.sweep()
  }
}
