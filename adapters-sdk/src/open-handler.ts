import type { HandlerVerbs } from './adapter.js'
import type { Call, Handler, Instance, Produced } from './contract.js'
import { AdapterError } from './errors.js'
import type { Grant, QuotaRequest } from './grant.js'
import type { Verdict } from './verdict.js'

/**
 * An author's verbs as a complete handler: whatever a verb throws becomes a rejection with an `AdapterError`, verbs that
 * are not there refuse, and `close` waits for the calls under way.
 */
export class OpenHandler implements Handler {
  readonly #name: string
  readonly #verbs: HandlerVerbs
  #underway = 0
  #idle: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor(name: string, verbs: HandlerVerbs) {
    this.#name = name
    this.#verbs = verbs
  }

  check(instance: Instance, call: Call): Promise<Verdict> {
    const verbs = this.#verbs
    if (this.#closing !== undefined || verbs.check === undefined) return this.#refuse('check')
    try {
      return this.#track(verbs.check(instance, call))
    } catch (thrown) {
      return Promise.reject(this.#crashed(thrown))
    }
  }

  quota(instance: Instance, request: QuotaRequest, call: Call): Promise<Grant> {
    const verbs = this.#verbs
    if (this.#closing !== undefined || verbs.quota === undefined) return this.#refuse('quota')
    try {
      return this.#track(verbs.quota(instance, request, call))
    } catch (thrown) {
      return Promise.reject(this.#crashed(thrown))
    }
  }

  report(instances: readonly Instance[], call: Call): Promise<void> {
    const verbs = this.#verbs
    if (this.#closing !== undefined || verbs.report === undefined) return this.#refuse('report')
    try {
      return this.#track(verbs.report(instances, call))
    } catch (thrown) {
      return Promise.reject(this.#crashed(thrown))
    }
  }

  produce(instance: Instance, call: Call): Promise<Produced> {
    const verbs = this.#verbs
    if (this.#closing !== undefined || verbs.produce === undefined) return this.#refuse('produce')
    try {
      return this.#track(verbs.produce(instance, call))
    } catch (thrown) {
      return Promise.reject(this.#crashed(thrown))
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#underway > 0) {
      await new Promise<void>(resolve => {
        this.#idle = resolve
      })
    }
    await this.#verbs.close?.()
  }

  /** An answer that is there already needs no tracking: most verbs answer at once. */
  #track<T>(answer: PromiseLike<T> | T): Promise<T> {
    if (!isPromiseLike(answer)) return Promise.resolve(answer)
    this.#underway++
    return Promise.resolve(answer).then(this.#left, this.#failed)
  }

  // Made once a handler, so that a call makes no closure.
  readonly #left = <T>(answer: T): T => {
    this.#leave()
    return answer
  }

  readonly #failed = (thrown: unknown): never => {
    this.#leave()
    throw this.#crashed(thrown)
  }

  #leave(): void {
    if (--this.#underway === 0) this.#idle?.()
  }

  #refuse(verb: string): Promise<never> {
    const error =
      this.#closing === undefined
        ? new AdapterError('ADAPTER_CRASHED', `Handler "${this.#name}" has no verb "${verb}"`)
        : new AdapterError('ADAPTER_DRAINING', `Handler "${this.#name}" is closing and takes nothing new`)
    return Promise.reject(error)
  }

  #crashed(thrown: unknown): AdapterError {
    if (thrown instanceof AdapterError) return thrown
    const text = thrown instanceof Error ? thrown.message : String(thrown)
    return new AdapterError('ADAPTER_CRASHED', `Handler "${this.#name}" threw: ${text}`, { cause: thrown })
  }
}

function isPromiseLike<T>(answer: PromiseLike<T> | T): answer is PromiseLike<T> {
  return (
    typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function'
  )
}
