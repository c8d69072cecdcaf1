import { Code } from '@outboard/adapters-sdk'
import type { Clock } from '../../engine/ports.js'
import type { OpenStreams } from '../open-streams.js'
import {
  type IncomingCall,
  Refusal,
  type StreamMethod,
  type StreamReceiver,
  type StreamSender,
} from '../service.js'
import type { Exchange, Responder } from './exchange.js'
import { decompressed, FrameReader } from './framing.js'

const deadlinePassed = new Refusal(Code.DEADLINE_EXCEEDED, 'Deadline exceeded')
const truncated = new Refusal(Code.INTERNAL, 'malformed frame: the call ended inside a message')

/** One call whose sides are streams. */
export class StreamExchange implements Exchange, StreamSender {
  readonly #call: IncomingCall
  readonly #encoding: string
  readonly #maxBytes: number
  readonly #open: OpenStreams
  readonly #out: Responder
  readonly #frames: FrameReader
  readonly #receiver: StreamReceiver
  #stopTimer: (() => void) | undefined
  #state: 'open' | 'inflating' | 'over' = 'open'
  #ended = false

  constructor(
    call: IncomingCall,
    encoding: string,
    maxBytes: number,
    method: StreamMethod,
    out: Responder,
    open: OpenStreams,
    clock: Clock,
  ) {
    this.#call = call
    this.#encoding = encoding
    this.#maxBytes = maxBytes
    this.#open = open
    this.#out = out
    this.#frames = new FrameReader(maxBytes)
    this.#receiver = method.open(call, this)
    if (this.#isOver()) return
    open.add(this.#receiver)
    if (Number.isFinite(call.deadline))
      this.#stopTimer = clock.after(call.deadline - clock.now(), () => {
        this.end(deadlinePassed)
        this.#receiver.cancelled()
      })
  }

  get heldBytes(): number {
    return this.#frames.size
  }

  data(chunk: Buffer): void {
    if (this.#isOver()) return
    this.#frames.push(chunk)
    if (this.#state === 'open') this.#deliver()
  }

  complete(): void {
    this.#ended = true
    if (this.#state === 'open') this.#deliver()
  }

  reset(): void {
    if (this.#isOver()) return
    this.#over()
    this.#call.onCancel.cancelled?.()
    this.#receiver.cancelled()
  }

  send(message: Buffer): boolean {
    return !this.#isOver() && this.#out.send(message)
  }

  end(refusal?: Refusal): void {
    if (this.#isOver()) return
    this.#over()
    if (refusal === undefined) this.#out.finish()
    else this.#out.refuse(refusal)
  }

  #isOver(): boolean {
    return this.#state === 'over'
  }

  #over(): void {
    this.#state = 'over'
    this.#stopTimer?.()
    if (this.#receiver !== undefined) this.#open.delete(this.#receiver)
  }

  /** Hands over every whole message; a compressed one stops the reading until it is expanded. */
  #deliver(): void {
    while (this.#state === 'open') {
      const frame = this.#frames.next()
      if (frame === undefined) break
      if (frame instanceof Refusal) this.#fail(frame)
      else if (frame.compressed) this.#inflate(frame.message)
      else this.#receiver.message(frame.message)
    }
    if (this.#ended && this.#state === 'open') {
      if (this.#frames.size > 0) this.#fail(truncated)
      else this.#receiver.ended()
    }
  }

  #inflate(message: Buffer): void {
    this.#state = 'inflating'
    this.#out.pause()
    void decompressed(message, this.#encoding, this.#maxBytes).then(plain => {
      if (this.#isOver()) return
      this.#state = 'open'
      if (plain instanceof Refusal) {
        this.#fail(plain)
        return
      }
      this.#receiver.message(plain)
      this.#out.resume()
      this.#deliver()
    })
  }

  #fail(refusal: Refusal): void {
    this.end(refusal)
    this.#receiver.cancelled()
  }
}
