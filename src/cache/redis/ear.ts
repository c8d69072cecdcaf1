import type { Clock } from '../../mixer/engine/ports.js'
import type { Commands, Hearing } from './connection.js'
import { reconnectMs } from './servers.js'

/** Heartbeats in the longest time without hearing. A host that was busy for long has missed one, not all of them. */
const beats = 4

export interface EarListener {
  heard(message: string): void
  /** Hearing begins (again): something may have been missed before. */
  began(): void
  /** Nothing is heard from now on. `silent`: nor was it for some time before. */
  deaf(reason: string, since: 'now' | 'silent'): void
}

/**
 * Hears a channel, over and over, and knows whether it does: a connection may be dead without a word. So it sends itself
 * heartbeats by way of the commands, on a channel of its own; when it has not heard one for `hearingMs`, it is deaf,
 * and connects anew.
 */
export class Ear {
  #hearing: Hearing | undefined
  /** Heartbeats sent since something was heard last. */
  #unheard = 0
  /** Why the last heartbeat could not be sent; empty when it could. */
  #problem = ''
  #attempt = 0
  #closed = false

  constructor(
    private readonly commands: Commands,
    private readonly clock: Clock,
    private readonly hearingMs: number,
    private readonly channels: { readonly heard: string; readonly own: string },
    private readonly listener: EarListener,
  ) {}

  open(): void {
    if (this.#closed) return
    const hearing = this.commands.hear([this.channels.heard, this.channels.own], {
      began: () => {
        if (hearing !== this.#hearing) return
        this.#attempt = 0
        this.#unheard = 0
        this.listener.began()
        this.#beat(hearing)
      },
      heard: (channel, message) => {
        if (hearing !== this.#hearing) return
        this.#unheard = 0
        if (channel === this.channels.heard) this.listener.heard(message)
      },
      ended: reason => this.#ended(hearing, reason, 'now'),
    })
    this.#hearing = hearing
  }

  close(): void {
    this.#closed = true
    this.#hearing?.close()
    this.#hearing = undefined
  }

  #beat(hearing: Hearing): void {
    if (hearing !== this.#hearing) return
    if (this.#unheard >= beats - 1) {
      hearing.close()
      this.#ended(hearing, this.#problem === '' ? 'heard nothing' : this.#problem, 'silent')
      return
    }
    this.#unheard++
    this.commands.publish(this.channels.own, '').then(
      () => {
        this.#problem = ''
      },
      cause => {
        this.#problem = this.commands.reasonOf(cause)
      },
    )
    this.clock.after(this.hearingMs / beats, () => this.#beat(hearing))
  }

  #ended(hearing: Hearing, reason: string, since: 'now' | 'silent'): void {
    if (hearing !== this.#hearing) return
    this.#hearing = undefined
    this.listener.deaf(reason, since)
    this.clock.after(reconnectMs(this.#attempt++), () => this.open())
  }
}
