import { constants, type ServerHttp2Stream } from 'node:http2'
import { Code } from '@outboard/adapters-sdk'
import { type Answer, Refusal, type UnaryMethod } from '../service.js'
import { decompressed, type Frame, FrameReader, noRoom, tooLarge } from './framing.js'
import { deadlinePassed, type Http2Call } from './headers.js'
import type { Rooms, Share } from './room.js'
import { isOpen, sendMessage, sendRefusal } from './status.js'
import type { Unfinished, UnfinishedCalls } from './unfinished.js'

const tooMany = new Refusal(Code.INTERNAL, 'Received more than one message for a unary call')
const truncated = new Refusal(Code.INTERNAL, 'malformed frame: the call ended inside a message')
const noMessage = new Refusal(Code.INTERNAL, 'Received no message for a unary call')
const tooSlow = new Refusal(Code.DEADLINE_EXCEEDED, 'The message took too long to arrive')

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
export class UnaryExchange implements Unfinished {
  readonly #stream: ServerHttp2Stream
  readonly #call: Http2Call
  readonly #encoding: string
  readonly #maxBytes: number
  readonly #answer: UnaryMethod['answer']
  readonly #unfinished: UnfinishedCalls
  readonly #rooms: Rooms
  place = -1
  /** Usually the whole message comes in one chunk; only when there is a second one are they gathered. */
  #first: Buffer | undefined = undefined
  #frames: FrameReader | undefined = undefined
  #frame: Frame | undefined = undefined
  /** Of a call that waits for the rest of its message, or that gathers it. */
  #share: Share | undefined = undefined
  /** When the message has taken too long; 0: nobody has looked yet. */
  #lateAt = 0
  #over = false

  constructor(
    stream: ServerHttp2Stream,
    call: Http2Call,
    encoding: string,
    maxBytes: number,
    answer: UnaryMethod['answer'],
    unfinished: UnfinishedCalls,
    rooms: Rooms,
  ) {
    this.#stream = stream
    this.#call = call
    this.#encoding = encoding
    this.#maxBytes = maxBytes
    this.#answer = answer
    this.#unfinished = unfinished
    this.#rooms = rooms
    ;(stream as Carrier)[exchange] = this
    stream.on('data', onData)
    stream.on('end', onEnd)
    stream.on('aborted', onAborted)
    unfinished.add(this)
  }

  data(chunk: Buffer): void {
    if (this.#over) return
    if (this.#first === undefined && this.#frames === undefined && isWholeMessage(chunk)) this.#first = chunk
    else this.#gather(chunk)
  }

  ended(): void {
    this.#unfinished.delete(this)
    if (!this.#over) this.#complete()
  }

  aborted(): void {
    // What arrived of a message without end is for nobody.
    if (this.place >= 0) this.#leave()
    this.#call.onCancel.cancelled?.()
  }

  look(now: number): void {
    if (now >= this.#call.deadline) this.#tooLate('deadline', deadlinePassed)
    else if (this.#lateAt === 0) {
      this.#lateAt = now + this.#unfinished.timeoutMs
      this.#settle()
    } else if (now >= this.#lateAt) this.#tooLate('timeout', tooSlow)
  }

  #tooLate(why: 'deadline' | 'timeout', refusal: Refusal): void {
    this.#unfinished.late.add(why)
    this.#refuse(refusal)
  }

  /** A message that came whole is charged, and copied out of what it came in, only when it waits for its end. */
  #settle(): void {
    const whole = this.#first ?? this.#frame?.message
    const share = this.#shareOf()
    if (whole === undefined || !share.isEmpty) return
    if (!share.take(whole.length)) this.#refuse(noRoom)
    else if (this.#first !== undefined) this.#first = Buffer.concat([whole])
  }

  #shareOf(): Share {
    this.#share ??= this.#rooms.share(this.#stream.session)
    return this.#share
  }

  #gather(chunk: Buffer): void {
    if (this.#frames === undefined) {
      this.#frames = new FrameReader(this.#maxBytes, this.#shareOf())
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
    if (this.#frame !== undefined && this.#frames.hasRest) this.#refuse(tooMany)
  }

  #complete(): void {
    const first = this.#first
    if (first !== undefined && first[0] === 0) {
      if (first.length - 5 <= this.#maxBytes) this.#ask(first.subarray(5))
      else this.#refuse(tooLarge(first.length - 5, this.#maxBytes))
      return
    }
    if (first !== undefined) this.#gather(noBytes)
    if (this.#over) return
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
    this.#share?.release()
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
    this.#leave()
    sendRefusal(this.#stream, refusal)
    // What the caller still wants to say is of no use: ask it to stop.
    if (isOpen(this.#stream)) this.#stream.close(constants.NGHTTP2_NO_ERROR)
  }

  /** The message is given up. */
  #leave(): void {
    this.#over = true
    ;(this.#stream as Carrier)[exchange] = undefined
    this.#unfinished.delete(this)
    this.#share?.release()
  }
}

/** Whether a chunk is as long as the one message that it begins with. */
function isWholeMessage(chunk: Buffer): boolean {
  return chunk.length >= 5 && chunk.readUInt32BE(1) === chunk.length - 5
}
