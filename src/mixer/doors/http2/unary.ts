import { constants, type ServerHttp2Stream } from 'node:http2'
import { Code } from '@outboard/adapters-sdk'
import { type Answer, Refusal, type UnaryMethod } from '../service.js'
import { decompressed, type Frame, FrameReader, tooLarge } from './framing.js'
import type { Http2Call } from './headers.js'
import { isOpen, sendMessage, sendRefusal } from './status.js'

const tooMany = new Refusal(Code.INTERNAL, 'Received more than one message for a unary call')
const truncated = new Refusal(Code.INTERNAL, 'malformed frame: the call ended inside a message')
const noMessage = new Refusal(Code.INTERNAL, 'Received no message for a unary call')

const noBytes = Buffer.alloc(0)

/**
 * Where a stream has its call until it is answered. A stream outlives its answer: the library's table of streams keeps those
 * that ended until the next full collection, so that everything they refer to is copied and kept with them. Hence no
 * listener may hold the call.
 */
const exchange = Symbol('exchange')

type Carrier = ServerHttp2Stream & { [exchange]?: UnaryExchange | undefined }

function onData(this: Carrier, chunk: Buffer): void {
  this[exchange]?.data(chunk)
}

function onEnd(this: Carrier): void {
  this[exchange]?.ended()
}

function onAborted(this: Carrier): void {
  this[exchange]?.aborted()
}

/** One unary call: gathers the message, asks the door, sends the answer. */
export class UnaryExchange {
  readonly #stream: ServerHttp2Stream
  readonly #call: Http2Call
  readonly #encoding: string
  readonly #maxBytes: number
  readonly #answer: UnaryMethod['answer']
  /** Usually the whole message comes in one chunk; only when there is a second one are they gathered. */
  #first: Buffer | undefined = undefined
  #frames: FrameReader | undefined = undefined
  #frame: Frame | undefined = undefined
  #refused = false

  constructor(
    stream: ServerHttp2Stream,
    call: Http2Call,
    encoding: string,
    maxBytes: number,
    answer: UnaryMethod['answer'],
  ) {
    this.#stream = stream
    this.#call = call
    this.#encoding = encoding
    this.#maxBytes = maxBytes
    this.#answer = answer
    ;(stream as Carrier)[exchange] = this
    stream.on('data', onData)
    stream.on('end', onEnd)
    stream.on('aborted', onAborted)
  }

  data(chunk: Buffer): void {
    if (this.#refused) return
    if (this.#first === undefined && this.#frames === undefined && isWholeMessage(chunk)) this.#first = chunk
    else this.#gather(chunk)
  }

  ended(): void {
    if (!this.#refused) this.#complete()
  }

  aborted(): void {
    this.#call.onCancel.cancelled?.()
  }

  #gather(chunk: Buffer): void {
    if (this.#frames === undefined) {
      this.#frames = new FrameReader(this.#maxBytes)
      if (this.#first !== undefined) this.#frames.push(this.#first)
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
    if (this.#frame !== undefined && this.#frames.hasRest) this.#refuse(tooMany)
  }

  #complete(): void {
    const first = this.#first
    if (this.#frames === undefined && first !== undefined && first[0] === 0) {
      if (first.length - 5 <= this.#maxBytes) this.#ask(first.subarray(5))
      else this.#refuse(tooLarge(first.length - 5, this.#maxBytes))
      return
    }
    if (this.#frames === undefined && first !== undefined) this.#gather(noBytes)
    if (this.#refused) return
    const frame = this.#frame
    if (frame === undefined) this.#refuse(this.#frames?.hasRest ? truncated : noMessage)
    else if (!frame.compressed) this.#ask(frame.message)
    else
      void decompressed(frame.message, this.#encoding, this.#maxBytes).then(plain => {
        if (plain instanceof Refusal) this.#refuse(plain)
        else this.#ask(plain)
      })
  }

  #ask(message: Buffer): void {
    const answer = this.#answer(message, this.#call)
    if (answer instanceof Promise) void answer.then(late => this.#send(late))
    else this.#send(answer)
  }

  #send(answer: Answer): void {
    ;(this.#stream as Carrier)[exchange] = undefined
    if (answer instanceof Refusal) sendRefusal(this.#stream, answer)
    else sendMessage(this.#stream, answer)
  }

  #refuse(refusal: Refusal): void {
    this.#refused = true
    ;(this.#stream as Carrier)[exchange] = undefined
    sendRefusal(this.#stream, refusal)
    // What the caller still wants to say is of no use: ask it to stop.
    if (isOpen(this.#stream)) this.#stream.close(constants.NGHTTP2_NO_ERROR)
  }
}

/** Whether a chunk is as long as the one message that it begins with. */
function isWholeMessage(chunk: Buffer): boolean {
  return chunk.length >= 5 && chunk.readUInt32BE(1) === chunk.length - 5
}
