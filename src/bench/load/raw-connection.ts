import type { Socket } from 'node:net'
import {
  bareBody,
  Flag,
  FrameType,
  frameHead,
  headBytes,
  largestWindow,
  preface,
  Setting,
  settingsFrame,
  settingsOf,
  standardFrameSize,
  standardWindow,
  windowUpdate,
} from './frames.js'
import { readAnswerFields } from './hpack.js'
import { RawCall } from './raw-call.js'
import type { Answered } from './unary-client.js'

/** What was received is given back to the server's window when it is so much. */
const giveBackBytes = 1 << 30

/** Blocks of header fields that are remembered, because most answers have the same ones. */
const keptBlocks = 64

/**
 * One HTTP/2 connection that makes unary gRPC calls and nothing else, on a bare socket. Everything that calls say within one
 * turn of the event loop leaves in one write.
 */
export class RawConnection {
  readonly #socket: Socket
  readonly #headers: Buffer
  readonly #calls = new Map<number, RawCall>()
  /** Calls that wait because the server takes no more at once. */
  readonly #waiting: RawCall[] = []
  /** Calls whose bodies wait for the connection's window. */
  #blocked: RawCall[] = []
  #outgoing: Buffer[] = []
  #rest: Buffer | undefined
  #nextStream = 1
  #window = standardWindow
  #streamWindow = standardWindow
  #frameSize = standardFrameSize
  #maxStreams = 100
  #received = 0
  #headerBlock: { readonly stream: number; readonly ends: boolean; readonly parts: Buffer[] } | undefined
  readonly #known = new Map<string, ReturnType<typeof readAnswerFields>>()
  #ended: string | undefined
  #ready: (() => void) | undefined
  /** Resolves when the server has said its settings; rejects when it never does. */
  readonly ready: Promise<void>

  /** `headers`: the block that every call sends. */
  constructor(socket: Socket, headers: Buffer) {
    this.#socket = socket
    this.#headers = headers
    this.ready = new Promise((resolve, reject) => {
      this.#ready = resolve
      socket.once('close', () => reject(new Error(this.#ended ?? 'the connection was closed')))
    })
    this.ready.catch(() => {})
    socket.on('data', chunk => this.#take(chunk))
    socket.on('error', error => this.#end(error.message))
    socket.on('close', () => this.#end('the connection was closed'))
    this.#send(preface)
    this.#send(
      settingsFrame([
        [Setting.headerTableSize, 0],
        [Setting.enablePush, 0],
        [Setting.initialWindowSize, largestWindow],
      ]),
    )
    this.#send(windowUpdate(0, largestWindow - standardWindow))
  }

  /** `request` is framed for gRPC. */
  call(request: Buffer, answered: Answered): void {
    const call = new RawCall(request, answered)
    if (this.#ended !== undefined) queueMicrotask(() => call.end(this.#ended))
    else if (this.#calls.size >= this.#maxStreams) this.#waiting.push(call)
    else this.#begin(call)
  }

  close(): void {
    this.#socket.end()
    this.#socket.destroySoon()
  }

  #begin(call: RawCall): void {
    const stream = this.#nextStream
    this.#nextStream += 2
    call.begin(stream, this.#streamWindow)
    this.#calls.set(stream, call)
    this.#send(frameHead(FrameType.headers, Flag.endHeaders, stream, this.#headers.length))
    this.#send(this.#headers)
    this.#sendBody(call)
  }

  /** Sends as much of a call's body as both windows allow. */
  #sendBody(call: RawCall): void {
    for (;;) {
      const part = call.nextPart(Math.min(this.#window, this.#frameSize))
      if (part === undefined) break
      this.#window -= part.length
      this.#send(frameHead(FrameType.data, call.isSent ? Flag.endStream : 0, call.stream, part.length))
      this.#send(part)
    }
    if (!call.isSent && this.#window === 0) this.#blocked.push(call)
  }

  #send(bytes: Buffer): void {
    if (this.#outgoing.length === 0) queueMicrotask(() => this.#flush())
    this.#outgoing.push(bytes)
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#outgoing)
    this.#outgoing = []
    if (!this.#socket.destroyed) this.#socket.write(bytes)
  }

  #take(chunk: Buffer): void {
    let bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    while (bytes.length >= headBytes) {
      const length = bytes.readUIntBE(0, 3)
      if (bytes.length < headBytes + length) break
      const body = bytes.subarray(headBytes, headBytes + length)
      try {
        this.#frame(bytes[3] ?? 0, bytes[4] ?? 0, bytes.readUInt32BE(5) & largestWindow, body)
      } catch (error) {
        this.#end(error instanceof Error ? error.message : String(error))
        this.#socket.destroy()
        return
      }
      bytes = bytes.subarray(headBytes + length)
    }
    this.#rest = bytes.length === 0 ? undefined : bytes
  }

  #frame(type: number, flags: number, stream: number, body: Buffer): void {
    switch (type) {
      case FrameType.data:
        this.#data(stream, flags, body)
        break
      case FrameType.headers:
        this.#headerBlock = {
          stream,
          ends: (flags & Flag.endStream) !== 0,
          parts: [bareBody(type, flags, body)],
        }
        if ((flags & Flag.endHeaders) !== 0) this.#headersComplete()
        break
      case FrameType.continuation:
        this.#headerBlock?.parts.push(body)
        if ((flags & Flag.endHeaders) !== 0) this.#headersComplete()
        break
      case FrameType.settings:
        if ((flags & Flag.ack) === 0) this.#settings(body)
        break
      case FrameType.ping:
        if ((flags & Flag.ack) === 0) {
          this.#send(frameHead(FrameType.ping, Flag.ack, 0, body.length))
          this.#send(Buffer.from(body))
        }
        break
      case FrameType.windowUpdate:
        this.#widen(stream, body.readUInt32BE(0))
        break
      case FrameType.resetStream:
        this.#finish(stream, `the server reset the call with HTTP/2 code ${body.readUInt32BE(0)}`)
        break
      case FrameType.goAway:
        this.#socket.end()
        break
    }
  }

  #data(stream: number, flags: number, body: Buffer): void {
    this.#calls.get(stream)?.take(bareBody(FrameType.data, flags, body))
    this.#received += body.length
    if (this.#received >= giveBackBytes) {
      this.#send(windowUpdate(0, this.#received))
      this.#received = 0
    }
    if ((flags & Flag.endStream) !== 0) this.#finish(stream, undefined)
  }

  #headersComplete(): void {
    const block = this.#headerBlock
    this.#headerBlock = undefined
    if (block === undefined) return
    const bytes = block.parts.length === 1 ? block.parts[0]! : Buffer.concat(block.parts)
    const key = bytes.toString('latin1')
    let fields = this.#known.get(key)
    if (fields === undefined) {
      fields = readAnswerFields(bytes)
      if (this.#known.size >= keptBlocks) this.#known.clear()
      this.#known.set(key, fields)
    }
    this.#calls.get(block.stream)?.fields(fields)
    if (block.ends) this.#finish(block.stream, undefined)
  }

  #settings(body: Buffer): void {
    for (const [id, value] of settingsOf(body)) {
      if (id === Setting.maxConcurrentStreams) this.#maxStreams = value
      else if (id === Setting.maxFrameSize) this.#frameSize = value
      else if (id === Setting.initialWindowSize) {
        for (const call of this.#calls.values()) call.window += value - this.#streamWindow
        this.#streamWindow = value
      }
    }
    this.#send(frameHead(FrameType.settings, Flag.ack, 0, 0))
    this.#ready?.()
  }

  #widen(stream: number, increment: number): void {
    if (stream !== 0) {
      const call = this.#calls.get(stream)
      if (call === undefined) return
      call.window += increment
      this.#sendBody(call)
      return
    }
    this.#window += increment
    const blocked = this.#blocked
    this.#blocked = []
    for (const call of blocked) this.#sendBody(call)
  }

  #finish(stream: number, problem: string | undefined): void {
    const call = this.#calls.get(stream)
    if (call === undefined) return
    this.#calls.delete(stream)
    const next = this.#waiting.shift()
    if (next !== undefined) this.#begin(next)
    call.end(problem)
  }

  #end(why: string): void {
    this.#ended ??= why
    const open = [...this.#calls.values(), ...this.#waiting.splice(0)]
    this.#calls.clear()
    for (const call of open) call.end(this.#ended)
  }
}
