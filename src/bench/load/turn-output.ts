import type { Socket } from 'node:net'

/** Bytes of one slab. When a turn says more, they leave in several writes. */
const slabBytes = 131_072
/** Slabs that are kept for later turns; more are needed only while the server does not read. */
const keptSlabs = 4

/** A buffer that is filled, written, and used again when the system has taken all of it. */
interface Slab {
  readonly bytes: Buffer
  readonly written: () => void
}

/**
 * What a connection says within one turn of the event loop, gathered in one buffer and written at once, as it leaves a busy
 * proxy. A buffer made for each write would be memory outside of the heap, for which V8 collects ever again.
 */
export class TurnOutput {
  readonly #socket: Socket
  readonly #free: Slab[] = []
  #slab: Slab
  #used = 0
  #isDue = false

  constructor(socket: Socket) {
    this.#socket = socket
    this.#slab = this.#newSlab()
  }

  /** The buffer that `reserve` gives a part of. */
  get bytes(): Buffer {
    return this.#slab.bytes
  }

  /** Makes room for so many bytes, at most a frame, and answers where in `bytes` it begins. All of it must be filled now. */
  reserve(size: number): number {
    if (this.#used + size > slabBytes) this.#write()
    if (!this.#isDue) {
      this.#isDue = true
      process.nextTick(this.#leave)
    }
    const at = this.#used
    this.#used += size
    return at
  }

  append(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length)
    this.bytes.set(bytes, at)
  }

  readonly #leave = (): void => {
    this.#isDue = false
    this.#write()
  }

  #write(): void {
    const { bytes, written } = this.#slab
    const part = bytes.subarray(0, this.#used)
    this.#used = 0
    if (this.#socket.writable) this.#socket.write(part, written)
    else written() // nobody will read it
    this.#slab = this.#free.pop() ?? this.#newSlab()
  }

  #newSlab(): Slab {
    const slab: Slab = {
      bytes: Buffer.allocUnsafeSlow(slabBytes),
      written: () => {
        if (this.#free.length < keptSlabs) this.#free.push(slab)
      },
    }
    return slab
  }
}
