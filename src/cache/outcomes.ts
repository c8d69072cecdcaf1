import type { Outcome } from './entry.js'
import { textPart } from './value-key.js'

/** Different plain outcomes that are shared; beyond them sharing begins anew. */
const maxShared = 1_000

/** Lets entries share equal outcomes: a hundred thousand plain allows are one object. */
export class Outcomes {
  readonly #shared = new Map<string, Outcome>()

  of({ code, message, directive, metadata, parts }: Outcome): Outcome {
    const outcome = { code, message, directive, metadata, parts }
    if (directive !== undefined || Object.keys(metadata).length > 0) return outcome
    let key = `${code};${textPart(message)}`
    for (const { handler, cacheKeys } of parts) {
      if (cacheKeys.length > 0) return outcome
      key += textPart(handler)
    }
    const known = this.#shared.get(key)
    if (known !== undefined) return known
    if (this.#shared.size >= maxShared) this.#shared.clear()
    this.#shared.set(key, outcome)
    return outcome
  }
}
