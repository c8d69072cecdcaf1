import { connect, type Socket } from 'node:net'
import { CallTable } from '@outboard/adapters-sdk/protocol'
import { AnswerBlock } from './answer-block.js'
import { FrameReader } from './frame-reader.js'
import {
  bareEnd,
  bareStart,
  Flag,
  FrameType,
  frame,
  largestWindow,
  preface,
  Setting,
  settingsFrame,
  settingsOf,
  standardWindow,
  windowUpdate,
} from './frames.js'
import { type RequestBlocks, standardTableSize } from './hpack.js'
import { RawCall } from './raw-call.js'
import { RequestWriter } from './request-writer.js'
import { TurnOutput } from './turn-output.js'
import type { Done, Endpoint, UnaryRequest } from './unary-client.js'

/** What was received is given back to the server's window when it is so much. */
const giveBackBytes = 1 << 30

/**
 * One HTTP/2 connection that makes unary gRPC calls and nothing else, on a bare socket. Everything that calls say within one
 * turn of the event loop leaves in one write.
 */
export class RawConnection {
  readonly #socket: Socket
  readonly #output: TurnOutput
  readonly #writer: RequestWriter
  readonly #reader: FrameReader
  readonly #block = new AnswerBlock()
  readonly #calls = new CallTable<RawCall>()
  /** Calls that wait because the server takes no more at once. */
  readonly #waiting: RawCall[] = []
  /** Calls whose bodies wait for the connection's window. */
  readonly #blocked = new Set<RawCall>()
  #nextId = 0
  #streamWindow = standardWindow
  #maxStreams = 100
  #received = 0
  #ended: string | undefined
  #ready: (() => void) | undefined
  /** Resolves when the server has said its settings; rejects when it never does. */
  readonly ready: Promise<void>

  /** `headers`: what every call sends. */
  constructor(endpoint: Endpoint, headers: RequestBlocks) {
    this.#reader = new FrameReader((type, flags, stream, bytes, start, end) =>
      this.#frame(type, flags, stream, bytes, start, end),
    )
    const onread = { buffer: this.#reader.input, callback: (length: number) => this.#take(length) }
    const socket = connect({ ...endpoint, noDelay: true, onread })
    this.#socket = socket
    this.#output = new TurnOutput(socket)
    this.#writer = new RequestWriter(this.#output, headers)
    this.ready = new Promise((resolve, reject) => {
      this.#ready = resolve
      socket.once('close', () => reject(new Error(this.#ended ?? 'the connection was closed')))
    })
    this.ready.catch(() => {})
    socket.on('error', error => this.#end(error.message))
    socket.on('close', () => this.#end('the connection was closed'))
    this.#output.append(preface)
    this.#output.append(
      settingsFrame([
        [Setting.headerTableSize, 0],
        [Setting.enablePush, 0],
        [Setting.initialWindowSize, largestWindow],
      ]),
    )
    this.#output.append(windowUpdate(0, largestWindow - standardWindow))
  }

  call(request: UnaryRequest, done: Done): void {
    const call = new RawCall(request, done)
    if (this.#ended !== undefined) queueMicrotask(() => call.end(this.#ended))
    else if (this.#calls.size >= this.#maxStreams) this.#waiting.push(call)
    else this.#begin(call)
  }

  /** Gives the connection up, at once. */
  fail(why: string): void {
    this.#end(why)
    this.#socket.destroy()
  }

  close(): void {
    this.#socket.end()
    this.#socket.destroySoon()
  }

  #begin(call: RawCall): void {
    call.id = this.#nextId++
    call.window = this.#streamWindow
    this.#calls.add(call)
    this.#writer.head(call)
    this.#sendBody(call)
  }

  #sendBody(call: RawCall): void {
    if (this.#writer.body(call) === 'blocked') this.#blocked.add(call)
  }

  #take(length: number): boolean {
    try {
      this.#reader.take(length)
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error))
    }
    return true
  }

  #frame(type: number, flags: number, stream: number, bytes: Buffer, start: number, end: number): void {
    switch (type) {
      case FrameType.data:
        this.#data(stream, flags, bytes, start, end)
        break
      case FrameType.headers:
      case FrameType.continuation:
        this.#headers(type, flags, stream, bytes, start, end)
        break
      case FrameType.settings:
        if ((flags & Flag.ack) === 0) this.#settings(bytes.subarray(start, end))
        break
      case FrameType.ping:
        if ((flags & Flag.ack) === 0)
          this.#output.append(frame(FrameType.ping, Flag.ack, 0, bytes.subarray(start, end)))
        break
      case FrameType.windowUpdate:
        this.#widen(stream, bytes.readUInt32BE(start))
        break
      case FrameType.resetStream:
        this.#finish(stream, `the server reset the call with HTTP/2 code ${bytes.readUInt32BE(start)}`)
        break
      case FrameType.goAway:
        this.#goAway(bytes.readUInt32BE(start) & largestWindow, bytes.readUInt32BE(start + 4))
        break
    }
  }

  #data(stream: number, flags: number, bytes: Buffer, start: number, end: number): void {
    const from = bareStart(FrameType.data, flags, start)
    this.#callOf(stream)?.take(bytes, from, bareEnd(FrameType.data, flags, bytes, start, end))
    this.#received += end - start
    if (this.#received >= giveBackBytes) {
      this.#output.append(windowUpdate(0, this.#received))
      this.#received = 0
    }
    if ((flags & Flag.endStream) !== 0) this.#finish(stream, undefined)
  }

  #headers(type: number, flags: number, stream: number, bytes: Buffer, start: number, end: number): void {
    const fields = this.#block.take(type, flags, bytes, start, end)
    if (fields === undefined) return
    this.#callOf(stream)?.fields(fields)
    if (this.#block.isLast) this.#finish(stream, undefined)
  }

  #settings(body: Buffer): void {
    for (const [id, value] of settingsOf(body)) {
      if (id === Setting.maxConcurrentStreams) this.#maxStreams = value
      else if (id === Setting.headerTableSize && value < standardTableSize) this.#writer.useLiterals()
      else if (id === Setting.initialWindowSize) {
        for (const call of this.#calls.values()) call.window += value - this.#streamWindow
        this.#streamWindow = value
        for (const call of this.#calls.values()) this.#sendBody(call)
      }
    }
    this.#output.append(frame(FrameType.settings, Flag.ack, 0, Buffer.alloc(0)))
    this.#ready?.()
  }

  #widen(stream: number, increment: number): void {
    if (stream !== 0) {
      const call = this.#callOf(stream)
      if (call === undefined) return
      call.window += increment
      this.#sendBody(call)
      return
    }
    this.#writer.window += increment
    const blocked = [...this.#blocked]
    this.#blocked.clear()
    for (const call of blocked) this.#sendBody(call)
  }

  /** The server takes no new calls, and answers none after the last that it names. */
  #goAway(lastStream: number, code: number): void {
    this.#ended ??= `the server went away with HTTP/2 code ${code}`
    // With an error: a server that could not read a header may leave every call without an answer.
    if (code !== 0) {
      this.fail(this.#ended)
      return
    }
    const refused = [...this.#calls.values()].filter(({ stream }) => stream > lastStream)
    for (const call of refused) this.#finish(call.stream, this.#ended)
    for (const call of this.#waiting.splice(0)) call.end(this.#ended)
    if (this.#calls.size === 0) this.close()
  }

  #callOf(stream: number): RawCall | undefined {
    return this.#calls.get(stream >> 1)
  }

  #finish(stream: number, problem: string | undefined): void {
    const call = this.#callOf(stream)
    if (call === undefined) return
    this.#calls.delete(call.id)
    this.#blocked.delete(call) // an answer that came before all of the question was sent
    if (this.#ended === undefined) {
      const next = this.#waiting.shift()
      if (next !== undefined) this.#begin(next)
    } else if (this.#calls.size === 0) this.close()
    call.end(problem)
  }

  #end(why: string): void {
    this.#ended ??= why
    const open = [...this.#calls.values(), ...this.#waiting.splice(0)]
    this.#calls.clear()
    this.#blocked.clear()
    for (const call of open) call.end(this.#ended)
  }
}
