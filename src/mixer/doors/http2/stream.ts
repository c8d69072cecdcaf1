import type { Exchange, Responder } from '../exchange/exchange.js'
import type { Refusal } from '../service.js'
import {
  answerHeaders,
  framedMessage,
  messageHeaderBytes,
  okTrailers,
  refusalHeaders,
  refusalTrailers,
  wholeAnswer,
} from './answers.js'
import type { FrameOutput } from './output.js'
import { defaultFrameSize, defaultWindow, errorCode, flag, frameType } from './protocol.js'

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly output: FrameOutput
  /** How much may be sent on the whole connection. */
  connectionWindow: number
  /** The stream has nothing more to say or to hear. */
  closed(stream: Http2Stream): void
}

const noBytes = Buffer.alloc(0)
/** A stream that waits this long a queue for its caller's window is reset. */
const maxQueuedBytes = 4_194_304
/** How much of its window a caller uses before it is given more. */
const refillBytes = defaultWindow >> 1

/** One call on a connection: its two windows, what waits to be sent, and who hears of what is received. */
export class Http2Stream implements Responder {
  readonly id: number
  readonly #host: StreamHost
  exchange: Exchange | undefined = undefined
  sendWindow: number
  /** Of the caller's: what it has sent and was not given back. */
  #unreturned = 0
  #paused = false
  #remote: 'open' | 'closed'
  /** `ending`: the end is queued behind what waits. */
  #local: 'idle' | 'begun' | 'ending' | 'closed' = 'idle'
  #queue: Buffer[] = []
  #queuedBytes = 0
  #trailers: Buffer = okTrailers

  constructor(id: number, sendWindow: number, host: StreamHost, remote: 'open' | 'closed') {
    this.id = id
    this.sendWindow = sendWindow
    this.#host = host
    this.#remote = remote
  }

  /** Bytes that wait for the rest of their message. */
  get heldBytes(): number {
    return this.#local === 'closed' ? 0 : (this.exchange?.heldBytes ?? 0)
  }

  /** What was received is counted against the caller's window; answers `false` when it has sent more than it may. */
  received(bytes: number): boolean {
    this.#unreturned += bytes
    return this.#unreturned <= defaultWindow
  }

  /** Gives a part of the body (without padding) to the exchange; then more window to the caller. */
  data(body: Buffer): void {
    this.exchange?.data(body)
    this.#refill()
  }

  get isRemoteClosed(): boolean {
    return this.#remote === 'closed'
  }

  /** The caller has said everything; `body` is the last of it. */
  remoteClosed(body: Buffer = noBytes): void {
    this.#remote = 'closed'
    if (body.length > 0) this.exchange?.data(body)
    this.exchange?.complete()
  }

  /** The caller has reset the stream, or the connection is gone. */
  reset(): void {
    const wasOpen = this.#local !== 'closed'
    this.#local = 'closed'
    this.#remote = 'closed'
    this.#queue = []
    if (wasOpen) this.exchange?.reset()
    this.#host.closed(this)
  }

  /** Resets the stream from this side. */
  abort(code: number): void {
    if (this.#local === 'closed' && this.#remote === 'closed') return
    this.#host.output.number(frameType.rstStream, this.id, code)
    this.reset()
  }

  answer(message: Buffer): void {
    if (this.#local !== 'idle') return
    const size = messageHeaderBytes + message.length
    const host = this.#host
    if (size <= defaultFrameSize && size <= this.sendWindow && size <= host.connectionWindow) {
      this.sendWindow -= size
      host.connectionWindow -= size
      host.output.raw(wholeAnswer(this.id, message))
      this.#local = 'closed'
      this.#closeWhenDone()
      return
    }
    this.send(message)
    this.finish()
  }

  refuse(refusal: Refusal): void {
    if (this.#local === 'idle') {
      this.headers(refusalHeaders(refusal))
      return
    }
    if (this.#local !== 'begun') return
    this.#trailers = refusalTrailers(refusal)
    this.finish()
  }

  /** One block of headers, and nothing else. */
  headers(block: Buffer): void {
    if (this.#local !== 'idle') return
    this.#host.output.frame(frameType.headers, flag.endHeaders | flag.endStream, this.id, block)
    this.#local = 'closed'
    this.#closeWhenDone()
  }

  send(message: Buffer): boolean {
    if (this.#local === 'ending' || this.#local === 'closed') return false
    if (this.#local === 'idle') {
      this.#host.output.frame(frameType.headers, flag.endHeaders, this.id, answerHeaders)
      this.#local = 'begun'
    }
    const bytes = framedMessage(message)
    this.#queue.push(bytes)
    this.#queuedBytes += bytes.length
    this.flush()
    if (this.#queuedBytes > maxQueuedBytes) this.abort(errorCode.enhanceYourCalm)
    return this.#queuedBytes === 0
  }

  finish(): void {
    if (this.#local === 'ending' || this.#local === 'closed') return
    if (this.#local === 'idle')
      this.#host.output.frame(frameType.headers, flag.endHeaders, this.id, answerHeaders)
    this.#local = 'ending'
    this.flush()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#refill()
  }

  /** Whether something waits for a window. */
  get isWaiting(): boolean {
    return this.#queue.length > 0
  }

  /** Sends what the windows allow, and the end when nothing waits. */
  flush(): void {
    const host = this.#host
    while (this.#queue.length > 0) {
      const next = this.#queue[0]!
      const size = Math.min(next.length, defaultFrameSize, this.sendWindow, host.connectionWindow)
      if (size <= 0) return
      host.output.frame(frameType.data, 0, this.id, next.subarray(0, size))
      this.sendWindow -= size
      host.connectionWindow -= size
      this.#queuedBytes -= size
      if (size === next.length) this.#queue.shift()
      else this.#queue[0] = next.subarray(size)
    }
    if (this.#local !== 'ending') return
    host.output.frame(frameType.headers, flag.endHeaders | flag.endStream, this.id, this.#trailers)
    this.#local = 'closed'
    this.#closeWhenDone()
  }

  #refill(): void {
    if (this.#paused || this.#remote === 'closed' || this.#unreturned < refillBytes) return
    this.#host.output.number(frameType.windowUpdate, this.id, this.#unreturned)
    this.#unreturned = 0
  }

  /** After our end: nothing that the caller still sends is of use. */
  #closeWhenDone(): void {
    if (this.#local !== 'closed') return
    if (this.#remote === 'open') {
      this.#remote = 'closed'
      this.#host.output.number(frameType.rstStream, this.id, errorCode.noError)
    }
    this.#host.closed(this)
  }
}
