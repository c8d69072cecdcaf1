import { constants, type ServerHttp2Stream } from 'node:http2'
import { Code } from '@outboard/adapters-sdk'
import type { Clock } from '../../engine/ports.js'
import type { OpenStreams } from '../open-streams.js'
import { Refusal, type StreamMethod, type StreamReceiver, type StreamSender } from '../service.js'
import { decompressed, FrameReader } from './framing.js'
import { deadlinePassed, type Http2Call } from './headers.js'
import type { Share } from './room.js'
import { beginAnswer, framed, isOpen, sendRefusal } from './status.js'

const truncated = new Refusal(Code.INTERNAL, 'malformed frame: the call ended inside a message')

/** One call whose sides are streams. */
export class StreamExchange implements StreamSender {
  readonly #stream: ServerHttp2Stream
  readonly #encoding: string
  readonly #maxBytes: number
  readonly #open: OpenStreams
  readonly #frames: FrameReader
  readonly #share: Share
  readonly #receiver: StreamReceiver
  readonly #stopTimer: (() => void) | undefined
  #refusal: Refusal | undefined
  #state: 'open' | 'inflating' | 'over' = 'open'
  #begun = false
  #ended = false

  constructor(
    stream: ServerHttp2Stream,
    call: Http2Call,
    encoding: string,
    maxBytes: number,
    method: StreamMethod,
    open: OpenStreams,
    clock: Clock,
    share: Share,
  ) {
    this.#stream = stream
    this.#encoding = encoding
    this.#maxBytes = maxBytes
    this.#open = open
    this.#share = share
    this.#frames = new FrameReader(maxBytes, share)
    this.#receiver = method.open(call, this)
    if (this.#isOver()) {
      this.#stopTimer = undefined
      return
    }
    open.add(this.#receiver)
    this.#stopTimer = Number.isFinite(call.deadline)
      ? clock.after(call.deadline - clock.now(), () => {
          this.end(deadlinePassed)
          this.#receiver.cancelled()
        })
      : undefined
    stream.on('data', (chunk: Buffer) => {
      if (this.#isOver()) return
      this.#frames.push(chunk)
      if (this.#state === 'open') this.#deliver()
    })
    stream.on('end', () => {
      this.#ended = true
      if (this.#state === 'open') this.#deliver()
    })
    stream.on('aborted', () => {
      if (this.#isOver()) return
      this.#over()
      call.onCancel.cancelled?.()
      this.#receiver.cancelled()
    })
  }

  send(message: Buffer): boolean {
    if (this.#isOver() || !isOpen(this.#stream)) return false
    this.#begin()
    return this.#stream.write(framed(message))
  }

  end(refusal?: Refusal): void {
    if (this.#isOver()) return
    this.#over()
    if (!isOpen(this.#stream)) return
    if (refusal !== undefined && !this.#begun) {
      sendRefusal(this.#stream, refusal)
      if (!this.#ended && isOpen(this.#stream)) this.#stream.close(constants.NGHTTP2_NO_ERROR)
      return
    }
    this.#refusal = refusal
    this.#begin()
    this.#stream.end()
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    beginAnswer(this.#stream, () => this.#refusal)
  }

  #isOver(): boolean {
    return this.#state === 'over'
  }

  #over(): void {
    this.#state = 'over'
    this.#stopTimer?.()
    this.#share.release()
    if (this.#receiver !== undefined) this.#open.delete(this.#receiver)
    // What still arrives is read and forgotten, so that the connection's flow control goes on.
    this.#stream.resume()
  }

  /** Hands over every whole message; a compressed one stops the reading until it is expanded. */
  #deliver(): void {
    while (this.#state === 'open') {
      const frame = this.#frames.next()
      if (frame === undefined) break
      // It is whole; from here on the door bounds what it keeps.
      this.#share.release()
      if (frame instanceof Refusal) this.#fail(frame)
      else if (frame.compressed) this.#inflate(frame.message)
      else this.#receiver.message(frame.message)
    }
    if (this.#ended && this.#state === 'open') {
      if (this.#frames.hasRest) this.#fail(truncated)
      else this.#receiver.ended()
    }
  }

  #inflate(message: Buffer): void {
    this.#state = 'inflating'
    this.#stream.pause()
    void decompressed(message, this.#encoding, this.#maxBytes).then(plain => {
      if (this.#isOver()) return
      this.#state = 'open'
      if (plain instanceof Refusal) {
        this.#fail(plain)
        return
      }
      this.#receiver.message(plain)
      this.#stream.resume()
      this.#deliver()
    })
  }

  #fail(refusal: Refusal): void {
    this.end(refusal)
    this.#receiver.cancelled()
  }
}
