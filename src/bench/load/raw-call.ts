import type { AnswerFields } from './hpack.js'
import { type Done, isWhole, prefixBytes, statusProblem, type UnaryRequest } from './unary-client.js'

const tornAnswer = 'the answer is no whole message'

/** One call on its way. */
export class RawCall {
  /** Its number on its connection, from 0 on; the stream follows from it. */
  id = 0
  /** How much of the body the server still takes of this call. */
  window = 0
  /** Bytes of the body that were sent. */
  sent = 0
  readonly request: UnaryRequest
  readonly #done: Done
  #first: AnswerFields | undefined
  #last: AnswerFields | undefined
  /** undefined as long as no whole message has come. */
  #judged: { readonly problem: string | undefined } | undefined
  /** What came of a message that comes in parts. */
  #part: Buffer | undefined

  constructor(request: UnaryRequest, done: Done) {
    this.request = request
    this.#done = done
  }

  get stream(): number {
    return 2 * this.id + 1
  }

  /** The first block, and the one after the answer; they are one where there is no answer. */
  fields(fields: AnswerFields): void {
    this.#first ??= fields
    this.#last = fields
  }

  /** Part of the answer's body. It is judged where it lies when it is all there, as nearly always, and copied otherwise. */
  take(bytes: Buffer, start: number, end: number): void {
    if (start === end) return
    if (this.#judged !== undefined) this.#judged = { problem: tornAnswer }
    else if (this.#part === undefined && isWhole(bytes, start, end)) this.#judge(bytes, start, end)
    else {
      const part = bytes.subarray(start, end)
      this.#part = this.#part === undefined ? Buffer.from(part) : Buffer.concat([this.#part, part])
      if (isWhole(this.#part, 0, this.#part.length)) this.#judge(this.#part, 0, this.#part.length)
    }
  }

  #judge(bytes: Buffer, start: number, end: number): void {
    const problem = this.request.problemOf(bytes, start + prefixBytes, end)
    this.#judged = problem === undefined ? right : { problem }
  }

  end(problem: string | undefined): void {
    this.#done(problem ?? this.#statusProblem() ?? (this.#judged ?? torn).problem)
  }

  #statusProblem(): string | undefined {
    const first = this.#first
    const last = this.#last
    return statusProblem(first?.httpStatus, last?.grpcStatus, last?.grpcMessage)
  }
}

const right = { problem: undefined }
const torn = { problem: tornAnswer }
