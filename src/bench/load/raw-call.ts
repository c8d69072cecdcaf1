import type { AnswerFields } from './hpack.js'
import { type Answered, answerOf } from './unary-client.js'

/** One call on its way. */
export class RawCall {
  stream = 0
  /** How much of the body the server still takes of this call. */
  window = 0
  readonly #body: Buffer
  readonly #answered: Answered
  #sent = 0
  #isEndSent = false
  #answer: Buffer | undefined
  #httpStatus: number | undefined
  #grpcStatus: string | undefined
  #grpcMessage: string | undefined

  constructor(body: Buffer, answered: Answered) {
    this.#body = body
    this.#answered = answered
  }

  /** Whether the whole body was given out. */
  get isSent(): boolean {
    return this.#isEndSent
  }

  begin(stream: number, window: number): void {
    this.stream = stream
    this.window = window
  }

  /** The next part of the body, at most so many bytes; undefined: nothing can be sent now. */
  nextPart(most: number): Buffer | undefined {
    const size = Math.min(most, this.window, this.#body.length - this.#sent)
    if (this.#isEndSent || size <= 0) return undefined
    const part = this.#body.subarray(this.#sent, this.#sent + size)
    this.#sent += size
    this.window -= size
    this.#isEndSent = this.#sent === this.#body.length
    return part
  }

  fields({ httpStatus, grpcStatus, grpcMessage }: AnswerFields): void {
    this.#httpStatus = httpStatus ?? this.#httpStatus
    this.#grpcStatus = grpcStatus ?? this.#grpcStatus
    this.#grpcMessage = grpcMessage ?? this.#grpcMessage
  }

  /** Part of the answer's body. It is copied when more than one part comes; one alone is used at once. */
  take(part: Buffer): void {
    if (part.length === 0) return
    this.#answer = this.#answer === undefined ? part : Buffer.concat([this.#answer, part])
  }

  end(problem: string | undefined): void {
    answerOf(
      {
        problem,
        httpStatus: this.#httpStatus,
        grpcStatus: this.#grpcStatus,
        grpcMessage: this.#grpcMessage,
        body: this.#answer,
      },
      this.#answered,
    )
  }
}
