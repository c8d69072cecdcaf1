import { type Client, type ClientUnaryCall, Metadata, type ServiceError } from '@grpc/grpc-js'
import { AdapterError } from '@outboard/adapters-sdk'
import { usualCapacity } from '../calls/encoded.js'
import type { RemoteCall } from '../calls/remote-call.js'
import type { Latency } from '../endpoints/latency.js'
import { failure, messageOf } from '../failure.js'
import type { HandlerOnLink, LinkedHandler } from '../link.js'
import type { Remote } from '../options.js'
import type { TokenSource } from '../security/token.js'
import { answerUnary } from './answer-call.js'
import type { DedupIds } from './dedup-ids.js'
import { grpcFailure } from './grpc-failure.js'
import { adapterConfigField, encodeRequest, noQuotaRequest, quotaRequestField } from './request.js'

const identity = (bytes: Buffer): Buffer => bytes

/** What all handlers of one channel share. */
export interface UnaryShared {
  readonly client: Client
  readonly token: TokenSource | undefined
  readonly latency: Latency
  readonly calls: Map<RemoteCall, ClientUnaryCall | undefined>
  readonly dedupIds: DedupIds
  /** Why nothing can be sent now; undefined: it can. */
  refusal(): AdapterError | undefined
  /** A call has left `calls`. */
  left(): void
}

/** A handler asked by Istio's services. Source: reference out-of-process-adapters, sections 4 to 6. */
export class UnaryHandler implements HandlerOnLink {
  readonly capacity = usualCapacity
  readonly withdraws = false
  readonly #shared: UnaryShared
  readonly #remote: Remote
  readonly #adapterConfig: Buffer
  readonly #timeoutMs: number

  constructor(handler: LinkedHandler, shared: UnaryShared, remote: Remote) {
    this.#shared = shared
    this.#remote = remote
    this.#adapterConfig = adapterConfigField(handler.spec.settingsAny)
    const timeoutMs = handler.spec.connection?.timeoutMs ?? 0
    this.#timeoutMs = timeoutMs > 0 ? timeoutMs : Number.POSITIVE_INFINITY
  }

  send(call: RemoteCall): void {
    const refusal = this.#shared.refusal()
    if (refusal !== undefined) {
      call.unanswered(refusal, false)
      return
    }
    // In the table before the token is there, so that a cancelled call is not sent after all.
    this.#shared.calls.set(call, undefined)
    call.sentAt = this.#remote.clock.now()
    const token = this.#shared.token
    if (token === undefined) {
      this.#request(call, undefined, undefined)
      return
    }
    try {
      const value = token.value()
      if (typeof value === 'string') {
        this.#request(call, token.header, value)
        return
      }
      value.then(
        known => this.#request(call, token.header, known),
        (thrown: unknown) => this.#noToken(call, thrown),
      )
    } catch (thrown) {
      this.#noToken(call, thrown)
    }
  }

  cancel(call: RemoteCall): void {
    const grpcCall = this.#shared.calls.get(call)
    if (!this.#shared.calls.has(call)) return
    if (this.#remote.clock.now() >= call.deadline) this.#shared.latency.gaveUp()
    if (grpcCall === undefined) this.#leave(call)
    else grpcCall.cancel()
  }

  /** Nothing to tell: the adapter knows handlers only by what comes with each call. */
  close(): void {}

  #noToken(call: RemoteCall, thrown: unknown): void {
    if (!this.#leave(call)) return
    const error =
      thrown instanceof AdapterError ? thrown : failure('ADAPTER_UNAVAILABLE', messageOf(thrown), thrown)
    call.unanswered(error, false)
  }

  #request(call: RemoteCall, header: string | undefined, token: string | undefined): void {
    if (!this.#shared.calls.has(call)) return // cancelled while its token was fetched
    const metadata = new Metadata()
    if (header !== undefined && token !== undefined) metadata.set(header, token)
    if (call.traceparent !== '') metadata.set('traceparent', call.traceparent)
    const request = encodeRequest(
      call.instances,
      this.#adapterConfig,
      call.dedupId === '' ? this.#shared.dedupIds.next() : call.dedupId,
      call.verb === 'quota' ? quotaRequestField(call.question.instanceName, call.quota) : noQuotaRequest,
    )
    // gRPC counts on the machine's clock, which may step; ours does not.
    const remainingMs = Math.min(call.deadline - this.#remote.clock.now(), this.#timeoutMs)
    const grpcCall = this.#shared.client.makeUnaryRequest(
      call.question.template.methodPath,
      identity,
      identity,
      request,
      metadata,
      { deadline: Date.now() + remainingMs },
      (error: ServiceError | null, answer?: Buffer) => this.#answered(call, error, answer),
    )
    this.#shared.calls.set(call, grpcCall)
  }

  #answered(call: RemoteCall, error: ServiceError | null, answer: Buffer | undefined): void {
    if (error === null) this.#shared.latency.heardAt = this.#remote.clock.now()
    if (!this.#leave(call) || call.settled) return
    if (error === null) {
      this.#shared.latency.answered(this.#remote.clock.now() - call.sentAt)
      answerUnary(call, answer ?? Buffer.alloc(0), this.#remote.limits)
      return
    }
    const failed = grpcFailure(error, call.question.template.methodPath)
    if (failed.error.code === 'ADAPTER_TIMEOUT') this.#shared.latency.gaveUp()
    if (failed.elsewhere) call.unanswered(failed.error, failed.sent)
    else call.fail(failed.error)
  }

  #leave(call: RemoteCall): boolean {
    const was = this.#shared.calls.delete(call)
    if (was) this.#shared.left()
    return was
  }
}
