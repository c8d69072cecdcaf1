import { isSame } from '../load/same-bytes.js'
import { type Api, judge } from './answers.js'

/** Right answers that are remembered, for each code that is expected. */
const maxKnown = 8

/**
 * Judges the answers of one target. Most of them are, byte for byte, one that was found right before: those need not be decoded
 * again.
 */
export class AnswerJudge {
  readonly #api: Api
  readonly #right = new Map<number | undefined, Buffer[]>()

  constructor(api: Api) {
    this.#api = api
  }

  /**
   * What is wrong with the answer that lies in `bytes` from `start` to `end`; undefined: nothing. `request` is the message
   * without gRPC's prefix, `expected` as for `judge`.
   */
  problemOf(
    request: Buffer,
    bytes: Buffer,
    start: number,
    end: number,
    expected: number | undefined,
  ): string | undefined {
    // What must come back differs with each request.
    if (this.#api === 'echo') return request.compare(bytes, start, end) === 0 ? undefined : 'the echo differs'
    const known = this.#knownFor(expected)
    for (const right of known) if (isSame(right, bytes, start, end)) return undefined
    const answer = bytes.subarray(start, end)
    const problem = judge(this.#api, answer, expected)
    if (problem === undefined) {
      known.unshift(Buffer.from(answer))
      if (known.length > maxKnown) known.pop()
    }
    return problem
  }

  #knownFor(expected: number | undefined): Buffer[] {
    const found = this.#right.get(expected)
    if (found !== undefined) return found
    const made: Buffer[] = []
    this.#right.set(expected, made)
    return made
  }
}
