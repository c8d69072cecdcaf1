import type { Server, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js'
import type { Adapter } from '../adapter.js'
import { grantProblem, producedProblem, verdictProblem } from '../answer-problem.js'
import { Code } from '../code.js'
import type { Handler } from '../contract.js'
import { AdapterError, type AdapterErrorCode, SettingsError } from '../errors.js'
import type { Grant } from '../grant.js'
import { ProtocolError } from '../protocol/errors.js'
import type { Clock } from '../session/clock.js'
import { ServedCall } from '../session/served-call.js'
import type { TemplateDefinition } from '../template.js'
import { decodeInstance, encodeOutput } from '../templates/index.js'
import type { UnaryHandlers } from './unary-handlers.js'
import { readUnaryRequest, type UnaryRequest } from './unary-request.js'
import { checkResult, checkWithOutput, quotaResult } from './unary-response.js'

/** What gRPC says for what a handler could not do. A denial is never one of these. */
const statusOf: Readonly<Record<AdapterErrorCode, number>> = {
  ADAPTER_TIMEOUT: Code.DEADLINE_EXCEEDED,
  ADAPTER_UNAVAILABLE: Code.UNAVAILABLE,
  ADAPTER_OVERLOADED: Code.RESOURCE_EXHAUSTED,
  ADAPTER_CRASHED: Code.UNKNOWN,
  ADAPTER_PROTOCOL: Code.INTERNAL,
  ADAPTER_CANCELLED: Code.CANCELLED,
  ADAPTER_DRAINING: Code.UNAVAILABLE,
  ADAPTER_UNCONFIGURED: Code.FAILED_PRECONDITION,
  ADAPTER_LIMIT: Code.INTERNAL,
}

export interface UnaryServiceOptions {
  readonly adapters: readonly Adapter[]
  readonly handlers: UnaryHandlers
  readonly maxCalls: number
  readonly clock: Clock
}

/** Istio's `Handle…` services of every template, for hosts that know nothing of sessions. */
export class UnaryService {
  readonly #options: UnaryServiceOptions
  #underway = 0
  #idle: (() => void) | undefined

  constructor(options: UnaryServiceOptions) {
    this.#options = options
  }

  register(server: Server): void {
    const asIs = (bytes: Buffer) => bytes
    const byPath = new Map<string, { template: TemplateDefinition; adapters: Adapter[] }>()
    for (const adapter of this.#options.adapters) {
      for (const template of adapter.templates) {
        const served = byPath.get(template.methodPath) ?? { template, adapters: [] }
        served.adapters.push(adapter)
        byPath.set(template.methodPath, served)
      }
    }
    for (const [path, { template, adapters }] of byPath) {
      server.register(
        path,
        (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
          void this.#serve(template, adapters, call, callback)
        },
        asIs,
        asIs,
        'unary',
      )
    }
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.#underway === 0) return
    await new Promise<void>(resolve => {
      this.#idle = resolve
    })
  }

  /** Never rejects: whatever happens is an answer or a status. */
  async #serve(
    template: TemplateDefinition,
    adapters: readonly Adapter[],
    call: ServerUnaryCall<Buffer, Buffer>,
    callback: sendUnaryData<Buffer>,
  ): Promise<void> {
    if (this.#underway >= this.#options.maxCalls) {
      callback({
        code: Code.RESOURCE_EXHAUSTED,
        details: `More than ${this.#options.maxCalls} calls at once`,
      })
      return
    }
    this.#underway++
    const circumstances = this.#circumstances(call)
    let answer: Uint8Array | undefined
    let status: { readonly code: number; readonly details: string } | undefined
    try {
      const request = readUnaryRequest(call.request)
      const served = circumstances(request.dedupId)
      const handler = await this.#options.handlers.find(adapterFor(adapters, request), request.config)
      answer = await ask(handler, template, request, served)
      served.settle()
    } catch (thrown) {
      status = statusFor(thrown)
    }
    if (status === undefined && answer !== undefined) {
      callback(null, Buffer.from(answer.buffer, answer.byteOffset, answer.length))
    } else callback(status ?? { code: Code.INTERNAL, details: 'No answer' })
    if (--this.#underway === 0) this.#idle?.()
  }

  /** Deadline, trace and cancellation of a gRPC call; the id comes with the request. */
  #circumstances(call: ServerUnaryCall<Buffer, Buffer>): (dedupId: string) => ServedCall {
    const deadline = call.getDeadline()
    const ms = deadline instanceof Date ? deadline.getTime() : deadline
    const trace = call.metadata.get('traceparent')[0]
    return dedupId => {
      const traceparent = typeof trace === 'string' ? trace : ''
      const served = new ServedCall(dedupId, ms, traceparent, this.#options.clock)
      call.on('cancelled', () => served.cancel())
      return served
    }
  }
}

/**
 * Several adapters may serve a template: the type of the settings decides; without one, the first.
 * @throws {AdapterError} `ADAPTER_UNCONFIGURED` when several could be meant and the type is none of theirs
 */
function adapterFor(adapters: readonly Adapter[], request: UnaryRequest): Adapter {
  const typeUrl = request.config?.typeUrl ?? ''
  const fullName = typeUrl.slice(typeUrl.lastIndexOf('/') + 1)
  const named = adapters.find(adapter => adapter.settings.message?.fullName === fullName)
  if (named === undefined && fullName !== '' && adapters.length > 1) {
    throw new AdapterError('ADAPTER_UNCONFIGURED', `No adapter here has settings of the type ${fullName}`)
  }
  const chosen = named ?? adapters[0]
  if (chosen === undefined) throw new AdapterError('ADAPTER_UNCONFIGURED', 'No adapter serves this template')
  return chosen
}

async function ask(
  handler: Handler,
  template: TemplateDefinition,
  request: UnaryRequest,
  call: ServedCall,
): Promise<Uint8Array> {
  if (template.variety === 'REPORT') {
    await handler.report(
      request.instances.map(bytes => decodeInstance(template, bytes)),
      call,
    )
    return new Uint8Array(0)
  }
  const [bytes = new Uint8Array(0)] = request.instances
  const instance = decodeInstance(template, bytes)
  switch (template.variety) {
    case 'CHECK':
    case 'CHECK_WITH_OUTPUT': {
      const verdict = await handler.check(instance, call)
      refuse(verdictProblem(verdict))
      if (verdict.kind === 'failed') throw verdict.error
      if (template.variety === 'CHECK') return checkResult(verdict)
      const output = verdict.kind === 'allow' ? encodeOutput(template, verdict.output) : new Uint8Array(0)
      return checkWithOutput(verdict, output)
    }
    case 'QUOTA': {
      const grants = new Map<string, Exclude<Grant, { kind: 'failed' }>>()
      for (const [name, quota] of request.quotas) {
        const grant = await handler.quota(instance, quota, call)
        refuse(grantProblem(grant))
        if (grant.kind === 'failed') throw grant.error
        grants.set(name, grant)
      }
      return quotaResult(grants)
    }
    case 'ATTRIBUTE_GENERATOR': {
      const produced = await handler.produce(instance, call)
      refuse(producedProblem(produced))
      return encodeOutput(template, produced.output)
    }
  }
}

/** @throws {AdapterError} `ADAPTER_PROTOCOL` when something is wrong with an answer, as on a session */
function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new AdapterError('ADAPTER_PROTOCOL', `The handler answered ${problem}`)
}

function statusFor(thrown: unknown): { readonly code: number; readonly details: string } {
  if (thrown instanceof AdapterError) return { code: statusOf[thrown.code], details: thrown.message }
  const details = thrown instanceof Error ? thrown.message : String(thrown)
  if (thrown instanceof SettingsError || thrown instanceof ProtocolError) {
    return { code: Code.INVALID_ARGUMENT, details }
  }
  return { code: Code.UNKNOWN, details }
}
