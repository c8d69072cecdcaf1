import type { Socket } from 'node:net'
import { FrameSplitter, type SocketReads, socketFrame, writeFrame } from '@outboard/adapters-sdk/protocol'
import { failure } from '../failure.js'
import { type FramePipe, lastFrameMs, type PipeEvents } from './frame-pipe.js'

/** Bytes that may wait in the socket before it has enough. */
const maxUnsentBytes = 262_144

/** One socket of frames, taken over from HTTP/1.1. The bytes are nobody's business here. */
export class SocketPipe implements FramePipe {
  readonly carrier = 'socket'
  readonly #socket: Socket
  readonly #splitter: FrameSplitter
  readonly #events: PipeEvents
  #open = true

  constructor(socket: Socket, reads: SocketReads, maxFrameBytes: number, events: PipeEvents) {
    this.#socket = socket
    this.#events = events
    this.#splitter = new FrameSplitter(maxFrameBytes, frame => {
      if (this.#open) events.frame(frame)
    })
    reads.take = this.#take
    socket.on('drain', () => events.writable())
    socket.on('error', error => this.#ended(`The session broke: ${error.message}`, error))
    socket.on('end', () => this.#ended('The adapter ended the session'))
    socket.on('close', () => this.#ended('The session was cut'))
  }

  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  /** What stood behind the answer that made the connection a socket of frames. */
  begin(head: Buffer): void {
    if (head.length > 0) this.#take(head)
  }

  write(frame: Buffer): boolean {
    if (!this.#open) return false
    writeFrame(this.#socket, frame)
    return this.#socket.writableLength < maxUnsentBytes
  }

  shut(lastFrame: Buffer): void {
    if (!this.#open) return
    this.#open = false
    this.#socket.end(socketFrame(lastFrame))
    this.#socket.pause() // whatever still comes stays with its sender
    // Real time on purpose: this is about the kernel's buffers, and nobody waits for it.
    setTimeout(() => this.#socket.destroy(), lastFrameMs).unref()
  }

  readonly #take = (chunk: Buffer): void => {
    try {
      this.#splitter.push(chunk)
    } catch (thrown) {
      if (this.#open) this.#events.broken(thrown)
    }
  }

  #ended(message: string, cause?: unknown): void {
    if (!this.#open) return
    this.#open = false
    this.#socket.destroy()
    this.#events.ended(failure('ADAPTER_UNAVAILABLE', message, cause))
  }
}
