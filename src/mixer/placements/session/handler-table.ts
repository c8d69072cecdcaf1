import type { SettingsProblem } from '@outboard/adapters-sdk'
import {
  type HandlerRef,
  ProtocolError,
  type Ready,
  type Refused,
  type Removed,
} from '@outboard/adapters-sdk/protocol'
import type { failure } from '../failure.js'
import type { LinkedHandler, LinkOpened } from '../link.js'

type EntryState =
  | { readonly at: 'asked'; readonly resolve: (opened: LinkOpened) => void; readonly ready: () => LinkOpened }
  | { readonly at: 'ready' }
  /** We took it back; the adapter's answer to the settings may still be on its way. */
  | { readonly at: 'removed' }

interface Entry {
  readonly handler: LinkedHandler
  state: EntryState
}

/** One handler's number on a session. */
interface Numbered {
  readonly number: number
  generation: number
  readonly entries: Map<number, Entry>
}

/**
 * The handlers of one session: a handler keeps its number from one configuration to the next, and gets a new
 * generation each time, so that what the adapter withdraws counts for all of them.
 */
export class HandlerTable {
  readonly #byId = new Map<string, Numbered>()
  readonly #byNumber = new Map<number, Numbered & { readonly id: string }>()
  #lastNumber = 0
  #open = 0

  /** Handlers open, each generation counted. */
  get size(): number {
    return this.#open
  }

  /** A number for a handler that is about to be configured. */
  add(
    handler: LinkedHandler,
    resolve: (opened: LinkOpened) => void,
    ready: (ref: HandlerRef) => LinkOpened,
  ): HandlerRef {
    const id = handler.spec.id
    let numbered = this.#byId.get(id)
    if (numbered === undefined) {
      const fresh = { id, number: ++this.#lastNumber, generation: 0, entries: new Map<number, Entry>() }
      this.#byId.set(id, fresh)
      this.#byNumber.set(fresh.number, fresh)
      numbered = fresh
    }
    const ref = { handler: numbered.number, generation: ++numbered.generation }
    numbered.entries.set(ref.generation, {
      handler,
      state: { at: 'asked', resolve, ready: () => ready(ref) },
    })
    this.#open += 1
    return ref
  }

  /** We want it no more. false: it is gone already. */
  remove(ref: HandlerRef): boolean {
    const entry = this.#byNumber.get(ref.handler)?.entries.get(ref.generation)
    if (entry === undefined || entry.state.at === 'removed') return false
    entry.state = { at: 'removed' }
    return true
  }

  /** @throws {ProtocolError} for a handler that was not asked about. */
  ready(frame: Ready): void {
    const entry = this.#entry(frame)
    if (entry.state.at === 'removed') return
    if (entry.state.at === 'ready') throw unexpected(frame, 'is ready already')
    const { resolve, ready } = entry.state
    entry.state = { at: 'ready' }
    resolve(ready())
  }

  /** @throws {ProtocolError} for a handler that was not asked about. */
  refused(frame: Refused): void {
    const entry = this.#entry(frame)
    if (entry.state.at === 'ready') throw unexpected(frame, 'is ready already')
    this.#forget(frame)
    if (entry.state.at === 'asked') {
      entry.state.resolve({ kind: 'refused', problems: problemsOf(frame), retryable: frame.retryable })
    }
  }

  /**
   * One that is not there is no error: our `remove` and the adapter's `refused` may have crossed.
   * @throws {ProtocolError} for a handler that we did not remove.
   */
  removed(frame: Removed): void {
    const entry = this.#byNumber.get(frame.handler)?.entries.get(frame.generation)
    if (entry === undefined) return
    if (entry.state.at !== 'removed') throw unexpected(frame, 'was not to be removed')
    this.#forget(frame)
  }

  /** Any generation of the handler with this number; undefined: it is gone. */
  find(number: number): LinkedHandler | undefined {
    const entries = this.#byNumber.get(number)?.entries.values()
    return entries?.next().value?.handler
  }

  /** The session is over: whoever waits is told. */
  failAll(error: ReturnType<typeof failure>): void {
    for (const { entries } of this.#byNumber.values()) {
      for (const { state } of entries.values()) {
        if (state.at === 'asked') state.resolve({ kind: 'lost', error })
      }
    }
    this.#byId.clear()
    this.#byNumber.clear()
    this.#open = 0
  }

  #entry(ref: HandlerRef): Entry {
    const entry = this.#byNumber.get(ref.handler)?.entries.get(ref.generation)
    if (entry === undefined) throw unexpected(ref, 'was never configured, or is gone')
    return entry
  }

  #forget(ref: HandlerRef): void {
    const numbered = this.#byNumber.get(ref.handler)
    if (numbered?.entries.delete(ref.generation) !== true) return
    this.#open -= 1
    if (numbered.entries.size > 0) return
    this.#byNumber.delete(numbered.number)
    this.#byId.delete(numbered.id)
  }
}

function problemsOf(frame: Refused): readonly SettingsProblem[] {
  return frame.problems.length > 0 ? frame.problems : [{ path: '', message: 'the adapter gave no reason' }]
}

function unexpected(ref: HandlerRef, what: string): ProtocolError {
  return new ProtocolError('PROTOCOL_UNEXPECTED_FRAME', `Handler ${ref.handler}.${ref.generation} ${what}`)
}
