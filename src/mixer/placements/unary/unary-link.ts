import type { ClientUnaryCall } from '@grpc/grpc-js'
import type { AdapterError } from '@outboard/adapters-sdk'
import type { HandlerSpec } from '../../engine/ports.js'
import type { RemoteCall } from '../calls/remote-call.js'
import { Latency } from '../endpoints/latency.js'
import { failure } from '../failure.js'
import type { Link, LinkEvents, LinkedHandler, LinkOpened } from '../link.js'
import type { Remote } from '../options.js'
import type { TokenSource } from '../security/token.js'
import { DedupIds } from './dedup-ids.js'
import type { UnaryChannel } from './unary-channel.js'
import { UnaryHandler, type UnaryShared } from './unary-handler.js'

type State =
  | { readonly at: 'open' }
  /** Nothing new; ends with the last answer. */
  | { readonly at: 'retiring'; readonly done: () => void }
  | { readonly at: 'ended'; readonly error: AdapterError }

/** A connection over which handlers are asked by Istio's unary services. The adapter is told nothing in advance. */
export class UnaryLink implements Link {
  readonly protocol = 'unary'
  readonly hello = undefined
  readonly latency = new Latency()
  readonly #calls = new Map<RemoteCall, ClientUnaryCall | undefined>()
  readonly #channel: UnaryChannel
  readonly #events: LinkEvents
  readonly #remote: Remote
  readonly #shared: UnaryShared
  #state: State = { at: 'open' }
  #retiring: Promise<void> | undefined

  constructor(channel: UnaryChannel, token: TokenSource | undefined, events: LinkEvents, remote: Remote) {
    this.#channel = channel
    this.#events = events
    this.#remote = remote
    this.#shared = {
      client: channel.client,
      token,
      latency: this.latency,
      calls: this.#calls,
      dedupIds: new DedupIds(),
      refusal: () => this.#refusal(),
      left: () => this.#finishRetiring(),
    }
    channel.whenLost(() => this.#lost())
  }

  get inFlight(): number {
    return this.#calls.size
  }

  get silentSince(): number | undefined {
    const oldest = this.#calls.keys().next()
    return oldest.done === true ? undefined : Math.max(oldest.value.sentAt, this.latency.heardAt)
  }

  moveOn(error: AdapterError): void {
    for (const [call, grpcCall] of [...this.#calls]) {
      if (!call.movable) continue
      this.#calls.delete(call)
      grpcCall?.cancel()
      call.unanswered(error, true)
    }
    this.#finishRetiring()
  }

  open(handler: LinkedHandler): Promise<LinkOpened> {
    const error = this.#refusal()
    if (error !== undefined) return Promise.resolve({ kind: 'lost', error })
    if (losesParams(handler.spec))
      return Promise.resolve({ kind: 'refused', problems: [paramsLost], retryable: false })
    return Promise.resolve({ kind: 'ready', handler: new UnaryHandler(handler, this.#shared, this.#remote) })
  }

  retire(reason: string, graceMs: number): Promise<void> {
    this.#retiring ??= new Promise(resolve => {
      if (this.#state.at === 'ended') return resolve()
      const stop = this.#remote.clock.after(graceMs, () =>
        this.#end(failure('ADAPTER_UNAVAILABLE', `The connection was closed: ${reason}`)),
      )
      this.#state = {
        at: 'retiring',
        done: () => {
          stop()
          resolve()
        },
      }
      this.#finishRetiring()
    })
    return this.#retiring
  }

  destroy(error: AdapterError): void {
    this.#end(error)
  }

  /** The connection goes: broken, or the adapter said that it closes. gRPC settles the calls on it, each by itself. */
  #lost(): void {
    if (this.#state.at === 'open') this.#events.draining('the connection was closed')
  }

  #finishRetiring(): void {
    if (this.#state.at !== 'retiring' || this.#calls.size > 0) return
    this.#end(failure('ADAPTER_UNAVAILABLE', 'The connection was closed after its last answer'))
  }

  #end(error: AdapterError): void {
    const state = this.#state
    if (state.at === 'ended') return
    this.#state = { at: 'ended', error }
    this.#events.ended(error)
    for (const [call, grpcCall] of [...this.#calls]) {
      this.#calls.delete(call)
      grpcCall?.cancel()
      call.unanswered(error, grpcCall !== undefined)
    }
    this.#channel.close()
    if (state.at === 'retiring') state.done()
  }

  #refusal(): AdapterError | undefined {
    const state = this.#state
    switch (state.at) {
      case 'open':
        return undefined
      case 'retiring':
        return failure('ADAPTER_DRAINING', 'The connection takes nothing new')
      case 'ended':
        return state.error
    }
  }
}

/** Whether a handler has params, but nothing says how they are written: Istio's services take them as a message's bytes. */
function losesParams({ settings, settingsAny }: HandlerSpec): boolean {
  const hasParams = typeof settings === 'object' && settings !== null && Object.keys(settings).length > 0
  return hasParams && settingsAny === undefined
}

const paramsLost = {
  path: '',
  message:
    "the adapter is reached by Istio's unary services, which take params only as the descriptor of an adapter document says: add one with config, or let the adapter serve sessions",
}
