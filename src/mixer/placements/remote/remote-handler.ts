import type {
  AdapterError,
  Grant,
  Produced,
  QuotaRequest,
  SettingsProblem,
  Verdict,
} from '@outboard/adapters-sdk'
import type {
  Asking,
  ConnectionSpec,
  EndpointStatus,
  HandlerSpec,
  HandlerStatus,
  HostServices,
  PlacedHandler,
  Question,
} from '../../engine/ports.js'
import { encodedOf, encodedReports } from '../calls/encoded.js'
import { InFlight } from '../calls/in-flight.js'
import {
  CheckCall,
  ProduceCall,
  QuotaCall,
  type RemoteCall,
  ReportCall,
  type Sender,
} from '../calls/remote-call.js'
import { partsOf } from '../calls/report-parts.js'
import type { Attached, Endpoint } from '../endpoints/endpoint.js'
import { EndpointSet } from '../endpoints/endpoint-set.js'
import type { EndpointPool } from '../endpoints/pool.js'
import type { Address } from '../endpoints/target.js'
import { failedWith, failure } from '../failure.js'
import type { HandlerOnLink } from '../link.js'
import type { Remote } from '../options.js'
import { Opening } from './opening.js'
import { repeatable } from './repeatable.js'
import { Routes } from './routes.js'
import { WaitingCalls } from './waiting.js'

/** Attempts that one call may take, the first included. */
const maxAttempts = 3

/** A handler whose adapters run outside this process. It finds a way for each call, and another when one fails. */
export class RemoteHandler implements PlacedHandler, Attached, Sender {
  readonly form = 'bytes'
  readonly spec: HandlerSpec
  readonly host: HostServices
  /** How the first attempts to open it went. */
  readonly opening = new Opening()
  readonly #placement: string
  readonly #remote: Remote
  readonly #routes: Routes
  readonly #waiting: WaitingCalls
  readonly #inFlight = new InFlight()
  readonly #reasons = new Map<Endpoint, string>()
  readonly #refusals = new Set<Endpoint>()
  /** Endpoints whose adapter could not tell for a while which answers no longer hold. */
  readonly #unheard = new Set<Endpoint>()
  /** Endpoints whose adapter looks at the settings. */
  readonly #asked = new Set<Endpoint>()
  readonly #endpoints: EndpointSet
  #closing: Promise<void> | undefined

  constructor(
    placement: string,
    spec: HandlerSpec,
    host: HostServices,
    addresses: readonly Address[],
    connection: ConnectionSpec,
    pool: EndpointPool,
    remote: Remote,
  ) {
    this.#placement = placement
    this.spec = spec
    this.host = host
    this.#remote = remote
    this.#routes = new Routes(remote.random)
    this.#waiting = new WaitingCalls(remote.clock)
    this.#endpoints = new EndpointSet(this, addresses, connection, pool, remote)
  }

  check(question: Question, asking: Asking): Promise<Verdict> {
    const encoded = encodedOf(question)
    if ('code' in encoded) return Promise.resolve(failedWith(encoded))
    return new Promise(resolve => this.#start(new CheckCall(this, question, encoded, asking, resolve)))
  }

  quota(question: Question, request: QuotaRequest, asking: Asking): Promise<Grant> {
    const encoded = encodedOf(question)
    if ('code' in encoded) return Promise.resolve(failedWith(encoded))
    return new Promise(resolve =>
      this.#start(new QuotaCall(this, question, encoded, asking, resolve, request)),
    )
  }

  produce(question: Question, asking: Asking): Promise<Produced | AdapterError> {
    const encoded = encodedOf(question)
    if ('code' in encoded) return Promise.resolve(encoded)
    return new Promise(resolve => this.#start(new ProduceCall(this, question, encoded, asking, resolve)))
  }

  /** More instances than one call may carry go out in several; the first failure stands for all. */
  async report(questions: readonly Question[], asking: Asking): Promise<AdapterError | undefined> {
    const first = questions[0]
    if (first === undefined) return undefined
    const batches = encodedReports(questions, this.#routes.capacity)
    if ('code' in batches) return batches
    const askings = partsOf(asking, batches)
    const sent = batches.map(
      (encoded, index) =>
        new Promise<AdapterError | undefined>(resolve =>
          this.#start(new ReportCall(this, first, encoded, askings[index] ?? asking, resolve)),
        ),
    )
    const answers = await Promise.all(sent)
    return answers.find(answer => answer !== undefined)
  }

  status(): HandlerStatus {
    const endpoints = this.#endpoints.endpoints().map(endpoint => this.#statusAt(endpoint))
    return { placement: this.#placement, endpoints: [...endpoints, ...this.#endpoints.unresolved()] }
  }

  /** An endpoint as this handler finds it: connected is not enough, the adapter must have taken the settings. */
  #statusAt(endpoint: Endpoint): EndpointStatus {
    const status = endpoint.status()
    if (this.#routes.has(endpoint) || (status.state !== 'ready' && status.state !== 'degraded')) return status
    const state = this.#refusals.has(endpoint) ? 'down' : 'connecting'
    return { ...status, state, reason: this.#reasons.get(endpoint) ?? 'the adapter looks at the settings' }
  }

  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs)
    return this.#closing
  }

  async #close(graceMs: number): Promise<void> {
    const closed = failure('ADAPTER_DRAINING', `Handler "${this.spec.id}" is closed`)
    this.#waiting.failAll(closed)
    await this.#inFlight.drained(graceMs, this.#remote.clock)
    this.#routes.clear()
    this.#endpoints.close()
  }

  #start(call: RemoteCall): void {
    this.#inFlight.entered()
    if (this.#closing !== undefined) {
      call.fail(failure('ADAPTER_DRAINING', `Handler "${this.spec.id}" is closing and takes nothing new`))
    } else {
      this.#send(call)
    }
  }

  /** Sends a call where it can go, or lets it wait for a way. `otherwise`: what to say when there is neither. */
  #send(call: RemoteCall, otherwise?: AdapterError): void {
    const route = this.#routes.choose(call, repeatable(call))
    if (route !== undefined) {
      call.attempts += 1
      call.carrier = route.via
      route.via.send(call)
    } else if (this.#hopeful) {
      this.#waiting.add(call)
    } else {
      call.fail(otherwise ?? this.#whyNot())
    }
  }

  /** Whether a way may open soon, so that calls wait for it. */
  get #hopeful(): boolean {
    return this.#asked.size > 0 || this.#endpoints.hopeful
  }

  movable(call: RemoteCall): boolean {
    const may = call.attempts < maxAttempts && this.#closing === undefined && repeatable(call)
    return may && this.#routes.hasOther(call)
  }

  settled(): void {
    this.#inFlight.left()
  }

  unanswered(call: RemoteCall, error: AdapterError, sent: boolean): void {
    const again =
      call.attempts < maxAttempts &&
      this.#closing === undefined &&
      (!sent || repeatable(call)) &&
      this.#remote.clock.now() < call.deadline
    if (again) this.#send(call, error)
    else call.fail(error)
  }

  asked(endpoint: Endpoint): void {
    this.#asked.add(endpoint)
    this.#refusals.delete(endpoint)
  }

  routed(endpoint: Endpoint, via: HandlerOnLink): void {
    this.#routes.set(endpoint, via)
    this.#asked.delete(endpoint)
    this.#reasons.delete(endpoint)
    this.opening.opened()
    // While nobody could be asked, an answer held for as long as the adapter had said. Now it may have changed its mind.
    if (this.#unheard.delete(endpoint)) this.host.doubted(this.spec.id)
    for (const call of this.#waiting.take()) if (!call.settled) this.#send(call)
  }

  unrouted(endpoint: Endpoint, reason: string, problems: readonly SettingsProblem[] | undefined): void {
    if (this.#routes.delete(endpoint)?.withdraws === true) this.#unheard.add(endpoint)
    this.#asked.delete(endpoint)
    this.#reasons.set(endpoint, reason)
    if (problems !== undefined) {
      this.#refusals.add(endpoint)
      this.opening.refused(problems)
    }
    this.hopeless()
  }

  changed(endpoint: Endpoint): void {
    this.#routes.sort()
    if (endpoint.state.at !== 'down') return
    this.#reasons.set(endpoint, endpoint.state.reason)
    this.#endpoints.suspect()
    this.hopeless()
  }

  /** Nobody waits for what will not come. */
  hopeless(): void {
    if (this.#routes.size > 0 || this.#hopeful) return
    this.opening.opened()
    this.#waiting.failAll(this.#whyNot())
  }

  #whyNot(): AdapterError {
    const reasons = [...new Set(this.#reasons.values())].join('; ')
    const why =
      reasons === ''
        ? this.status()
            .endpoints.map(endpoint => endpoint.reason)
            .join('; ')
        : reasons
    const code = this.#refusals.size > 0 ? 'ADAPTER_UNCONFIGURED' : 'ADAPTER_UNAVAILABLE'
    return failure(code, `Cannot reach an adapter for handler "${this.spec.id}": ${why}`)
  }
}
