import {
  AdapterError,
  type Call,
  type Grant,
  granted,
  type Instance,
  type QuotaRequest,
} from '@outboard/adapters-sdk'
import { counterKey, dedupKey } from './key.js'
import type { LimitChoice } from './limits.js'
import type { QuotaState } from './state.js'

/** What a quota handler needs of its host. */
interface Host {
  now(): number
  log(level: 'warn', message: string): void
}

/** What a quota handler needs of its settings. */
interface Options {
  readonly minDeduplicationDuration: number
  readonly maxCounters: number
}

/** Answers quota requests from counters in memory. */
export class QuotaHandler {
  constructor(
    readonly limits: ReadonlyMap<string, LimitChoice>,
    readonly options: Options,
    readonly state: QuotaState,
    readonly host: Host,
  ) {}

  quota(instance: Instance, request: QuotaRequest, call: Pick<Call, 'dedupId'>): Grant {
    const choice = this.limits.get(instance.name)
    if (choice === undefined) {
      return failed('ADAPTER_UNCONFIGURED', `No quota is configured for instance "${instance.name}"`)
    }
    if (request.amount === 0n) return granted(0n, 0)
    const nowMs = this.host.now()
    const id = identifies(call.dedupId, instance.name) ? dedupKey(instance, call.dedupId) : undefined
    const earlier = id === undefined ? undefined : this.#earlier(id, nowMs)
    if (earlier !== undefined) return earlier
    const grant = this.#count(instance, request, choice, nowMs)
    if (id !== undefined && grant.kind === 'granted') this.#remember(id, grant, nowMs)
    return grant
  }

  #earlier(id: string, nowMs: number): Grant | undefined {
    const found = this.state.dedup.find(id, nowMs, this.options.minDeduplicationDuration)
    return found && granted(found.amount, Math.max(0, found.expiresAtMs - nowMs))
  }

  #remember(id: string, grant: Grant & { kind: 'granted' }, nowMs: number): void {
    const answer = { amount: grant.amount, expiresAtMs: nowMs + grant.validForMs }
    if (!this.state.dedup.remember(id, answer, nowMs, this.options.minDeduplicationDuration)) {
      this.host.log('warn', 'deduplication ids come too fast to be remembered for as long as is configured')
    }
  }

  #count(instance: Instance, request: QuotaRequest, choice: LimitChoice, nowMs: number): Grant {
    const { counters } = this.state
    const key = counterKey(instance)
    const limit = choice.for(instance)
    if (request.amount < 0n) return granted(counters.release(key, -request.amount, limit, nowMs), 0)
    const allocation = counters.allocate(key, request, limit, nowMs, this.options.maxCounters)
    switch (allocation.kind) {
      case 'granted':
        return granted(allocation.amount, allocation.validForMs)
      case 'no-room':
        return failed('ADAPTER_OVERLOADED', `All ${this.options.maxCounters} counters are in use`)
    }
  }
}

/**
 * Whether a deduplication id tells requests apart. A host hands on the client's id with the quota's short name behind
 * it; when the client gave none, only the name is left, and upstream takes all such requests for one.
 */
function identifies(dedupId: string, instanceName: string): boolean {
  const shortName = instanceName.slice(0, Math.max(0, instanceName.indexOf('.')))
  return dedupId !== '' && dedupId.toLowerCase() !== shortName.toLowerCase()
}

function failed(code: 'ADAPTER_UNCONFIGURED' | 'ADAPTER_OVERLOADED', message: string): Grant {
  return { kind: 'failed', error: new AdapterError(code, message) }
}
