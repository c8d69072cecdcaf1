import { Code } from '@outboard/adapters-sdk'
import { type Answer, type IncomingCall, Refusal, type UnaryMethod } from '../service.js'
import type { Exchange, Responder } from './exchange.js'
import { decompressed, type Frame, FrameReader, tooLarge } from './framing.js'

const tooMany = new Refusal(Code.INTERNAL, 'Received more than one message for a unary call')
const truncated = new Refusal(Code.INTERNAL, 'malformed frame: the call ended inside a message')
const noMessage = new Refusal(Code.INTERNAL, 'Received no message for a unary call')
const noBytes = Buffer.alloc(0)

/** One unary call: gathers the message, asks the door, gives the answer. */
export class UnaryExchange implements Exchange {
  readonly #call: IncomingCall
  readonly #encoding: string
  readonly #maxBytes: number
  readonly #ask: UnaryMethod['answer']
  readonly #out: Responder
  /** Usually the whole message comes in one chunk; only when it does not is it gathered. */
  #first: Buffer | undefined = undefined
  #frames: FrameReader | undefined = undefined
  #frame: Frame | undefined = undefined
  #refused = false

  constructor(
    call: IncomingCall,
    encoding: string,
    maxBytes: number,
    ask: UnaryMethod['answer'],
    out: Responder,
  ) {
    this.#call = call
    this.#encoding = encoding
    this.#maxBytes = maxBytes
    this.#ask = ask
    this.#out = out
  }

  get heldBytes(): number {
    return this.#first?.length ?? this.#frame?.message.length ?? this.#frames?.size ?? 0
  }

  data(chunk: Buffer): void {
    if (this.#refused || chunk.length === 0) return
    if (this.#first === undefined && this.#frames === undefined && isWholeMessage(chunk)) this.#first = chunk
    else this.#gather(chunk)
  }

  #gather(chunk: Buffer): void {
    if (this.#frames === undefined) {
      this.#frames = new FrameReader(this.#maxBytes)
      if (this.#first !== undefined) this.#frames.push(this.#first)
      this.#first = undefined
    }
    this.#frames.push(chunk)
    if (this.#frame === undefined) {
      const frame = this.#frames.next()
      if (frame instanceof Refusal) {
        this.#refuse(frame)
        return
      }
      this.#frame = frame
    }
    if (this.#frame !== undefined && this.#frames.size > 0) this.#refuse(tooMany)
  }

  complete(): void {
    if (this.#refused) return
    const first = this.#first
    this.#first = undefined
    if (first !== undefined && first[0] === 0) {
      if (first.length - 5 <= this.#maxBytes) this.#give(this.#ask(first.subarray(5), this.#call))
      else this.#refuse(tooLarge(first.length - 5, this.#maxBytes))
      return
    }
    if (first !== undefined) {
      this.#first = first
      this.#gather(noBytes)
    }
    if (!this.#refused) this.#conclude()
  }

  #conclude(): void {
    const frame = this.#frame
    this.#frame = undefined
    if (frame === undefined) this.#refuse((this.#frames?.size ?? 0) > 0 ? truncated : noMessage)
    else if (!frame.compressed) this.#give(this.#ask(frame.message, this.#call))
    else
      void decompressed(frame.message, this.#encoding, this.#maxBytes).then(plain => {
        if (plain instanceof Refusal) this.#refuse(plain)
        else this.#give(this.#ask(plain, this.#call))
      })
  }

  reset(): void {
    this.#refused = true
    this.#call.onCancel.cancelled?.()
  }

  #give(answer: Answer | Promise<Answer>): void {
    if (answer instanceof Promise) void answer.then(late => this.#say(late))
    else this.#say(answer)
  }

  #say(answer: Answer): void {
    if (answer instanceof Refusal) this.#out.refuse(answer)
    else this.#out.answer(answer)
  }

  #refuse(refusal: Refusal): void {
    this.#refused = true
    this.#first = undefined
    this.#frames = undefined
    this.#out.refuse(refusal)
  }
}

/** Whether a chunk is as long as the one message that it begins with. */
function isWholeMessage(chunk: Buffer): boolean {
  return chunk.length >= 5 && chunk.readUInt32BE(1) === chunk.length - 5
}
