import type { Socket } from 'node:net'
import type { Clock } from '../../engine/ports.js'
import type { Dispatcher } from './dispatch.js'
import { HeaderBlocks, unpadded } from './header-blocks.js'
import { FrameInput } from './input.js'
import { FrameOutput } from './output.js'
import { ConnectionFault, defaultWindow, errorCode, flag, frameType, largestWindow } from './protocol.js'
import { ownSettings, readPeerSettings } from './settings.js'
import { Streams } from './streams.js'

/** What a connection needs of its server. */
export interface ConnectionHost {
  readonly dispatcher: Dispatcher
  readonly maxConcurrentStreams: number
  readonly clock: Clock
  /** The connection has ended. `fault`: because the peer broke the protocol. */
  gone(connection: Connection, fault: ConnectionFault | undefined): void
}

/** Output that waits for a slow reader; until it has gone, nothing more is read from that reader. */
const maxWaitingBytes = 1_048_576
/** Our window for the whole connection, far above what one turn of the event loop leaves unread. */
const connectionWindow = 1_048_576
/** How long a peer that was told to go may take to read it, milliseconds. */
const lingerMs = 2_000
const pingPayload = Buffer.from('outboard')

const fault = (code: number, why: string) => new ConnectionFault(code, why)

/** One HTTP/2 connection of a client, as a state machine: frames in, frames out. Source: RFC 9113. */
export class Connection {
  readonly #socket: Socket
  readonly #host: ConnectionHost
  readonly #output: FrameOutput
  readonly #input: FrameInput
  readonly #blocks = new HeaderBlocks()
  readonly #streams: Streams
  #state: 'open' | 'draining' | 'closed' = 'open'
  #settled = false
  #unreturned = 0
  /** Who waits for the answers to our pings, in their order. */
  readonly #onPong: (() => void)[] = []
  #heard = true

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket
    this.#host = host
    this.#output = new FrameOutput(socket)
    const peer = socket.remoteAddress === undefined ? 'unix' : `${socket.remoteAddress}:${socket.remotePort}`
    this.#streams = new Streams({
      output: this.#output,
      maxConcurrentStreams: host.maxConcurrentStreams,
      begin: (stream, headers) => host.dispatcher.dispatch(stream, headers, peer),
      idle: () => this.#endWhenDone(),
    })
    this.#input = new FrameInput((type, flags, stream, payload) => this.#frame(type, flags, stream, payload))
    this.#output.frame(frameType.settings, 0, 0, ownSettings(host.maxConcurrentStreams))
    this.#output.number(frameType.windowUpdate, 0, connectionWindow - defaultWindow)
    socket.on('data', (chunk: Buffer) => this.#data(chunk))
    socket.on('drain', () => socket.resume())
    for (const event of ['end', 'error', 'close']) socket.on(event, () => this.#close(undefined))
  }

  /** Whether anything was heard since this was last asked. */
  takeHeard(): boolean {
    const heard = this.#heard
    this.#heard = false
    return heard
  }

  /** Asks the peer for a sign of life. */
  ping(onPong: () => void): void {
    this.#onPong.push(onPong)
    this.#output.frame(frameType.ping, 0, 0, pingPayload)
  }

  /**
   * Ends the connection without losing a call: the end is announced, refusing nothing; when the answer to a ping shows
   * that the announcement was heard, the last call taken is named; then what is open is finished.
   */
  drain(): void {
    if (this.#state !== 'open') return
    this.#output.goaway(largestWindow, errorCode.noError, '')
    this.ping(() => {
      if (this.#state !== 'open') return
      this.#state = 'draining'
      this.#streams.refusesNew = true
      this.#output.goaway(this.#streams.last, errorCode.noError, '')
      this.#endWhenDone()
    })
  }

  /** Ends it at once; calls under way are cut off. */
  destroy(): void {
    this.#close(undefined)
    this.#socket.destroy()
  }

  #endWhenDone(): void {
    if (this.#state === 'draining' && this.#streams.size === 0) this.#close(undefined)
  }

  #close(broken: ConnectionFault | undefined): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    if (broken !== undefined) this.#output.goaway(this.#streams.last, broken.code, broken.why)
    this.#streams.resetAll()
    this.#output.flush()
    this.#socket.destroySoon()
    const cancel = this.#host.clock.after(lingerMs, () => this.#socket.destroy())
    this.#socket.once('close', cancel)
    this.#host.gone(this, broken)
  }

  #data(chunk: Buffer): void {
    if (this.#state === 'closed') return
    this.#heard = true
    const broken = this.#input.push(chunk)
    if (broken !== undefined) {
      this.#close(broken)
      return
    }
    if (this.#unreturned >= connectionWindow / 2) {
      this.#output.number(frameType.windowUpdate, 0, this.#unreturned)
      this.#unreturned = 0
    }
    if (this.#output.waitingBytes > maxWaitingBytes) this.#socket.pause()
  }

  #frame(type: number, flags: number, stream: number, payload: Buffer): ConnectionFault | undefined {
    if (!this.#settled && type !== frameType.settings)
      return fault(errorCode.protocolError, 'the first frame is not SETTINGS')
    if (this.#blocks.isPending && type !== frameType.continuation)
      return fault(errorCode.protocolError, 'a frame inside a header block')
    switch (type) {
      case frameType.data:
        return this.#body(flags, stream, payload)
      case frameType.headers:
      case frameType.continuation: {
        if (stream === 0) return fault(errorCode.protocolError, 'HEADERS on stream 0')
        const headers = this.#blocks.add(type, flags, stream, payload)
        return headers === undefined || headers instanceof ConnectionFault
          ? headers
          : this.#streams.headers(headers)
      }
      case frameType.rstStream:
        return payload.length === 4
          ? this.#streams.reset(stream)
          : fault(errorCode.frameSizeError, 'RST_STREAM of a wrong length')
      case frameType.windowUpdate:
        return payload.length === 4
          ? this.#streams.windowUpdate(stream, payload.readUInt32BE(0) & 0x7fffffff)
          : fault(errorCode.frameSizeError, 'WINDOW_UPDATE of a wrong length')
      case frameType.settings:
        return this.#settings(flags, stream, payload)
      case frameType.ping:
        return this.#pinged(flags, stream, payload)
      case frameType.goaway:
        // The peer opens no more streams; it closes when it has its answers.
        return stream === 0 && payload.length >= 8
          ? undefined
          : fault(errorCode.protocolError, 'a malformed GOAWAY')
      case frameType.priority:
        if (stream === 0) return fault(errorCode.protocolError, 'PRIORITY on stream 0')
        return payload.length === 5
          ? undefined
          : fault(errorCode.frameSizeError, 'PRIORITY of a wrong length')
      case frameType.pushPromise:
        return fault(errorCode.protocolError, 'PUSH_PROMISE of a client')
      // Source: RFC 9113, section 5.5: frames of unknown types are ignored.
      default:
        return undefined
    }
  }

  #body(flags: number, stream: number, payload: Buffer): ConnectionFault | undefined {
    this.#unreturned += payload.length
    if (this.#unreturned > connectionWindow)
      return fault(errorCode.flowControlError, 'more than the window allows')
    const body = unpadded(flags, payload, 0)
    if (body instanceof ConnectionFault) return body
    return this.#streams.data(stream, payload.length, body, (flags & flag.endStream) !== 0)
  }

  #settings(flags: number, stream: number, payload: Buffer): ConnectionFault | undefined {
    if (stream !== 0) return fault(errorCode.protocolError, 'SETTINGS on a stream')
    if ((flags & flag.ack) !== 0)
      return payload.length === 0
        ? undefined
        : fault(errorCode.frameSizeError, 'an acknowledgement with a payload')
    this.#settled = true
    const settings = readPeerSettings(payload)
    if (settings instanceof ConnectionFault) return settings
    this.#output.frame(frameType.settings, flag.ack, 0, Buffer.alloc(0))
    return settings.initialWindow === undefined ? undefined : this.#streams.resize(settings.initialWindow)
  }

  #pinged(flags: number, stream: number, payload: Buffer): ConnectionFault | undefined {
    if (stream !== 0) return fault(errorCode.protocolError, 'PING on a stream')
    if (payload.length !== 8) return fault(errorCode.frameSizeError, 'PING of a wrong length')
    if ((flags & flag.ack) === 0) this.#output.frame(frameType.ping, flag.ack, 0, payload)
    else this.#onPong.shift()?.()
    return undefined
  }
}
