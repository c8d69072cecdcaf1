import { Code } from '@outboard/adapters-sdk'
import { Refusal } from '../service.js'
import type { Headers } from './header-blocks.js'
import { HeaderFields } from './header-fields.js'
import type { FrameOutput } from './output.js'
import { ConnectionFault, defaultWindow, errorCode, frameType, largestWindow } from './protocol.js'
import { Http2Stream, type StreamHost } from './stream.js'

/** What streams need of their connection. */
export interface StreamsHost {
  readonly output: FrameOutput
  readonly maxConcurrentStreams: number
  /** A call has begun: give it an exchange, or refuse it. */
  begin(stream: Http2Stream, headers: HeaderFields): void
  /** The last open stream has closed. */
  idle(): void
}

/** Parts of messages that one connection may let wait for their rest. */
const maxHeldBytes = 67_108_864
/** Resets of calls that a caller has for nothing; beyond, each must be matched by an answered call. */
const freeResets = 1_000
const headersTooLarge = new Refusal(Code.RESOURCE_EXHAUSTED, 'the headers are larger than allowed')
const idleStream = new ConnectionFault(errorCode.protocolError, 'a frame for a stream that has not begun')

/** The streams of one connection: opened, fed, and counted. */
export class Streams implements StreamHost {
  readonly output: FrameOutput
  connectionWindow = defaultWindow
  /** The highest stream that was taken. */
  last = 0
  /** New calls are passed over: the client was told that they are not taken. */
  refusesNew = false
  readonly #host: StreamsHost
  readonly #open = new Map<number, Http2Stream>()
  /** By stream: bytes that wait for the rest of their message. */
  readonly #held = new Map<number, number>()
  #initialWindow = defaultWindow
  #heldBytes = 0
  #finished = 0
  #resets = 0

  constructor(host: StreamsHost) {
    this.#host = host
    this.output = host.output
  }

  get size(): number {
    return this.#open.size
  }

  closed(stream: Http2Stream): void {
    if (!this.#open.delete(stream.id)) return
    this.#finished++
    this.#heldBytes -= this.#held.get(stream.id) ?? 0
    this.#held.delete(stream.id)
    if (this.#open.size === 0) this.#host.idle()
  }

  /** A complete header block: a new call, or the trailers of one. */
  headers(headers: Headers): ConnectionFault | undefined {
    const { stream: id, endStream, fields, tooLarge } = headers
    if (id % 2 === 0) return new ConnectionFault(errorCode.protocolError, 'HEADERS on a stream of the server')
    const known = this.#open.get(id)
    if (known !== undefined) {
      if (known.isRemoteClosed) known.abort(errorCode.streamClosed)
      else if (endStream) known.remoteClosed()
      else known.abort(errorCode.protocolError)
      return undefined
    }
    // Of a stream that has closed: trailers that were on their way.
    if (id <= this.last || this.refusesNew) return undefined
    this.last = id
    if (this.#open.size >= this.#host.maxConcurrentStreams) {
      this.output.number(frameType.rstStream, id, errorCode.refusedStream)
      return undefined
    }
    const list = new HeaderFields(fields)
    if (!tooLarge && !list.isRequest) {
      this.output.number(frameType.rstStream, id, errorCode.protocolError)
      return undefined
    }
    const stream = new Http2Stream(id, this.#initialWindow, this, endStream ? 'closed' : 'open')
    this.#open.set(id, stream)
    if (tooLarge) stream.refuse(headersTooLarge)
    else this.#host.begin(stream, list)
    if (endStream) stream.exchange?.complete()
    return undefined
  }

  /** A DATA frame: `size` with padding, `body` without. */
  data(id: number, size: number, body: Buffer, endStream: boolean): ConnectionFault | undefined {
    if (id === 0 || id > this.last) return this.refusesNew && id !== 0 ? undefined : idleStream
    const stream = this.#open.get(id)
    if (stream === undefined) return undefined
    if (stream.isRemoteClosed) stream.abort(errorCode.streamClosed)
    else if (!stream.received(size)) stream.abort(errorCode.flowControlError)
    else {
      if (endStream) stream.remoteClosed(body)
      else stream.data(body)
      return this.#count(stream)
    }
    return undefined
  }

  /** Counts what waits for the rest of its message. */
  #count(stream: Http2Stream): ConnectionFault | undefined {
    const held = this.#open.has(stream.id) ? stream.heldBytes : 0
    if (held === 0 && this.#heldBytes === 0) return undefined
    this.#heldBytes += held - (this.#held.get(stream.id) ?? 0)
    if (held === 0) this.#held.delete(stream.id)
    else this.#held.set(stream.id, held)
    return this.#heldBytes > maxHeldBytes
      ? new ConnectionFault(errorCode.enhanceYourCalm, 'too many unfinished messages')
      : undefined
  }

  reset(id: number): ConnectionFault | undefined {
    if (id === 0 || (id > this.last && !this.refusesNew)) return idleStream
    const stream = this.#open.get(id)
    if (stream === undefined) return undefined
    this.#resets++
    stream.reset()
    // Calls that are begun and reset at once cost work and are bounded by nothing else.
    if (this.#resets > freeResets + (this.#finished - this.#resets))
      return new ConnectionFault(errorCode.enhanceYourCalm, 'more calls reset than answered')
    return undefined
  }

  windowUpdate(id: number, increment: number): ConnectionFault | undefined {
    if (id === 0) {
      if (increment === 0) return new ConnectionFault(errorCode.protocolError, 'WINDOW_UPDATE of 0')
      this.connectionWindow += increment
      if (this.connectionWindow > largestWindow)
        return new ConnectionFault(errorCode.flowControlError, 'a window above 2^31-1')
      this.#flush()
      return undefined
    }
    if (id > this.last && !this.refusesNew) return idleStream
    const stream = this.#open.get(id)
    if (stream === undefined) return undefined
    stream.sendWindow += increment
    if (increment === 0) stream.abort(errorCode.protocolError)
    else if (stream.sendWindow > largestWindow) stream.abort(errorCode.flowControlError)
    else stream.flush()
    return undefined
  }

  /** The peer's initial window has changed: so have the windows of all open streams. */
  resize(initialWindow: number): ConnectionFault | undefined {
    const change = initialWindow - this.#initialWindow
    this.#initialWindow = initialWindow
    for (const stream of this.#open.values()) {
      stream.sendWindow += change
      if (stream.sendWindow > largestWindow)
        return new ConnectionFault(errorCode.flowControlError, 'a window above 2^31-1')
    }
    if (change > 0) this.#flush()
    return undefined
  }

  /** The connection is gone. */
  resetAll(): void {
    for (const stream of [...this.#open.values()]) stream.reset()
  }

  #flush(): void {
    for (const stream of [...this.#open.values()]) {
      if (this.connectionWindow <= 0) return
      if (stream.isWaiting) stream.flush()
    }
  }
}
