import type { Adapter } from '../adapter.js'
import type { Handler } from '../contract.js'
import { SettingsError, type SettingsProblem } from '../errors.js'
import { ProtocolError } from '../protocol/errors.js'
import type { AdapterFrame, Configure, HandlerRef } from '../protocol/frames.js'
import type { TemplateDefinition } from '../template.js'
import type { HandlerListener, HandlerPool, Lease } from './handler-pool.js'
import type { AdapterProcess } from './process.js'

/** One generation of a handler. */
type Generation =
  | { readonly at: 'opening'; removed: boolean }
  | { readonly at: 'ready'; readonly ready: ReadyHandler; readonly lease: Lease }
  | { readonly at: 'closing' }

/** A handler that calls can go to. */
export class ReadyHandler {
  readonly handler: Handler
  /** Its adapter's templates, by their announced numbers. */
  readonly templates: readonly (TemplateDefinition | undefined)[]
  #underway = 0
  #idle: (() => void) | undefined = undefined

  constructor(handler: Handler, templates: readonly (TemplateDefinition | undefined)[]) {
    this.handler = handler
    this.templates = templates
  }

  /** A call of this session begins. */
  entered(): void {
    this.#underway++
  }

  /** A call of this session has its result. */
  left(): void {
    if (--this.#underway === 0) this.#idle?.()
  }

  /** Resolves when every call of this session has its result. */
  async idle(): Promise<void> {
    if (this.#underway === 0) return
    await new Promise<void>(resolve => {
      this.#idle = resolve
    })
  }
}

/** What the table needs of its session. */
export interface HandlersOwner {
  send(frame: AdapterFrame): void
  /** What a handler says goes here; the handler's number is the session's. */
  listener(handler: number): HandlerListener
  /** An adapter threw while it opened a handler. */
  crashed(thrown: unknown): void
}

/** The handlers that one session has configured, by number and generation. */
export class SessionHandlers {
  readonly #process: AdapterProcess
  readonly #pool: HandlerPool
  readonly #maxHandlers: number
  readonly #owner: HandlersOwner
  readonly #slots = new Map<number, Map<number, Generation>>()
  #count = 0
  #closed = false

  constructor(process: AdapterProcess, pool: HandlerPool, maxHandlers: number, owner: HandlersOwner) {
    this.#process = process
    this.#pool = pool
    this.#maxHandlers = maxHandlers
    this.#owner = owner
  }

  /** The handler that a call names, if it is open. */
  find(handler: number, generation: number): ReadyHandler | undefined {
    const found = this.#slots.get(handler)?.get(generation)
    return found?.at === 'ready' ? found.ready : undefined
  }

  /** @throws {ProtocolError} `PROTOCOL_HANDLER_NUMBER` */
  configure(frame: Configure): void {
    const { handler, generation } = frame
    const slot = this.#slots.get(handler) ?? new Map<number, Generation>()
    if (handler < 1 || generation < 1 || Math.max(0, ...slot.keys()) >= generation) {
      throw new ProtocolError(
        'PROTOCOL_HANDLER_NUMBER',
        `Cannot configure handler ${handler} generation ${generation}: numbers start at 1, generations ascend`,
      )
    }
    if (this.#count >= this.#maxHandlers) {
      this.#refuse(
        frame,
        [{ path: '', message: `more than ${this.#maxHandlers} handlers are open` }],
        'retryable',
      )
      return
    }
    const adapter = this.#process.adapter(frame.adapter)
    if (adapter === undefined) {
      const names = this.#process.adapters.map(each => each.name).join(', ')
      this.#refuse(
        frame,
        [{ path: '', message: `there is no adapter "${frame.adapter}" here, but ${names}` }],
        'final',
      )
      return
    }
    let settings: unknown
    try {
      settings = frame.settings === '' ? undefined : JSON.parse(frame.settings)
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown)
      this.#refuse(frame, [{ path: '', message: `the settings are not JSON: ${why}` }], 'final')
      return
    }
    const opening: Generation & { at: 'opening' } = { at: 'opening', removed: false }
    slot.set(generation, opening)
    this.#slots.set(handler, slot)
    this.#count++
    void this.#open(frame, adapter, settings, opening)
  }

  /** Takes a handler away; one that is not there is ignored. */
  remove({ handler, generation }: HandlerRef): void {
    const found = this.#slots.get(handler)?.get(generation)
    switch (found?.at) {
      case 'opening':
        found.removed = true
        return
      case 'ready':
        void this.#close({ handler, generation }, found.lease, found.ready)
        return
      case 'closing':
      case undefined:
        return
    }
  }

  /** Lets go of every handler; resolves when those that nobody else holds are closed. */
  async close(): Promise<void> {
    this.#closed = true
    const closing: Promise<void>[] = []
    for (const [handler, slot] of this.#slots) {
      for (const [generation, found] of slot) {
        if (found.at === 'opening') found.removed = true
        else if (found.at === 'ready') {
          closing.push(this.#close({ handler, generation }, found.lease, found.ready))
        }
      }
    }
    await Promise.all(closing)
  }

  async #open(
    frame: Configure,
    adapter: Adapter,
    settings: unknown,
    opening: Generation & { at: 'opening' },
  ) {
    const { handler, generation, id, instances } = frame
    try {
      const request = { adapter, id, settingsKey: frame.settings, settings, instances }
      const lease = await this.#pool.acquire(request, this.#owner.listener(handler))
      if (opening.removed || this.#closed) {
        await this.#close(frame, lease)
        return
      }
      const ready = new ReadyHandler(lease.handler, this.#process.templatesOf(adapter))
      this.#slots.get(handler)?.set(generation, { at: 'ready', ready, lease })
      this.#owner.send({ kind: 'ready', handler, generation })
    } catch (thrown) {
      this.#forget(frame)
      if (thrown instanceof SettingsError) this.#refuse(frame, thrown.problems, 'final')
      else {
        const why = thrown instanceof Error ? thrown.message : String(thrown)
        this.#owner.crashed(thrown)
        this.#refuse(frame, [{ path: '', message: `the adapter could not open it: ${why}` }], 'retryable')
      }
    }
  }

  /** Its calls have their results before it is let go, and said to be: it may stay open for others. */
  async #close(ref: HandlerRef, lease: Lease, ready?: ReadyHandler): Promise<void> {
    const { handler, generation } = ref
    this.#slots.get(handler)?.set(generation, { at: 'closing' })
    await ready?.idle()
    await lease.release()
    this.#forget(ref)
    this.#owner.send({ kind: 'removed', handler, generation })
  }

  #forget({ handler, generation }: HandlerRef): void {
    const slot = this.#slots.get(handler)
    if (slot?.delete(generation)) this.#count--
    if (slot?.size === 0) this.#slots.delete(handler)
  }

  #refuse(frame: Configure, given: readonly SettingsProblem[], how: 'final' | 'retryable'): void {
    const { handler, generation } = frame
    // An author in JavaScript may leave the path out; what is no text cannot be written.
    const problems = given.map(({ path, message }) => ({ path: `${path ?? ''}`, message: `${message}` }))
    this.#owner.send({ kind: 'refused', handler, generation, problems, retryable: how === 'retryable' })
  }
}
