import { ConnectionFault, defaultFrameSize, errorCode, frameHeaderBytes, preface } from './protocol.js'

/** Takes one frame. The payload is a part of what was read, and may be kept. */
export type OnFrame = (
  type: number,
  flags: number,
  stream: number,
  payload: Buffer,
) => ConnectionFault | undefined

const noBytes = Buffer.alloc(0)
const frameTooLarge = new ConnectionFault(errorCode.frameSizeError, 'a frame larger than announced')
const noPreface = new ConnectionFault(errorCode.protocolError, 'no connection preface')

/** Cuts what a client sends into frames. Holds at most one frame that is not complete. */
export class FrameInput {
  readonly #onFrame: OnFrame
  #rest: Buffer = noBytes
  #greeted = false

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame
  }

  /** Takes bytes as they come; a fault ends the connection. */
  push(chunk: Buffer): ConnectionFault | undefined {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let pos = 0
    if (!this.#greeted) {
      const there = Math.min(bytes.length, preface.length)
      if (bytes.compare(preface, 0, there, 0, there) !== 0) return noPreface
      if (there < preface.length) {
        this.#rest = bytes
        return undefined
      }
      this.#greeted = true
      pos = preface.length
    }
    while (bytes.length - pos >= frameHeaderBytes) {
      const length = (bytes[pos]! << 16) | (bytes[pos + 1]! << 8) | bytes[pos + 2]!
      if (length > defaultFrameSize) return frameTooLarge
      const end = pos + frameHeaderBytes + length
      if (end > bytes.length) break
      const stream = bytes.readUInt32BE(pos + 5) & 0x7fffffff
      const payload = bytes.subarray(pos + frameHeaderBytes, end)
      const fault = this.#onFrame(bytes[pos + 3]!, bytes[pos + 4]!, stream, payload)
      if (fault !== undefined) return fault
      pos = end
    }
    this.#rest = pos === bytes.length ? noBytes : bytes.subarray(pos)
    return undefined
  }
}
