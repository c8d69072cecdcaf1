import { isPlain, type Outcome } from './outcome.js'
import { textPart } from './value-key.js'

/** Different plain outcomes that are shared; beyond them sharing begins anew. They take 1 MB at most, beside the cache's bytes. */
const maxShared = 1_000

/** Lets entries share equal outcomes: a hundred thousand plain allows are one object. */
export class Outcomes {
  readonly #shared = new Map<string, Outcome>()

  of({ code, message, directive, metadata, parts }: Outcome): Outcome {
    const outcome = { code, message, directive, metadata, parts }
    if (!isPlain(outcome)) return outcome
    let key = `${code};${textPart(message)}`
    for (const { handler } of parts) key += textPart(handler)
    const known = this.#shared.get(key)
    if (known !== undefined) return known
    if (this.#shared.size >= maxShared) this.#shared.clear()
    this.#shared.set(key, outcome)
    return outcome
  }
}
