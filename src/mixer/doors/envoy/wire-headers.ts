import type { StringMap } from '../../attributes/index.js'
import { decodeText } from '../wire/text.js'

/**
 * Headers as they stand in a message: names and values are spans of bytes, decoded when they are asked for. A name
 * that stands more than once has its values joined with commas, as HTTP allows. Names are expected in lower case, as
 * Envoy sends them.
 */
export class WireHeaders implements StringMap {
  readonly #bytes: Buffer
  /** Name start, name end, value start, value end, name start, ... */
  readonly #spans: number[] = []
  #map: ReadonlyMap<string, string> | undefined
  #mixedCase = false

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isEmpty(): boolean {
    return this.#spans.length === 0
  }

  add(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    this.#spans.push(nameStart, nameEnd, valueStart, valueEnd)
    for (let i = nameStart; i < nameEnd && !this.#mixedCase; i++) {
      const byte = this.#bytes[i]!
      if (byte >= 0x41 && byte <= 0x5a) this.#mixedCase = true
    }
  }

  get size(): number {
    return this.#decoded().size
  }

  get(name: string): string | undefined {
    if (this.#map !== undefined || this.#mixedCase) return this.#decoded().get(name)
    let found: string | undefined
    const spans = this.#spans
    for (let i = 0; i < spans.length; i += 4) {
      if (!this.#isName(spans[i]!, spans[i + 1]!, name)) continue
      const value = decodeText(this.#bytes, spans[i + 2]!, spans[i + 3]!)
      found = found === undefined ? value : `${found},${value}`
    }
    return found
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  entries(): IterableIterator<[string, string]> {
    return this.#decoded().entries()
  }

  #isName(start: number, end: number, name: string): boolean {
    // Only ASCII names are compared by bytes; a header name that is not ASCII does not exist in HTTP.
    if (end - start !== name.length) return false
    for (let i = 0; i < name.length; i++) if (this.#bytes[start + i] !== name.charCodeAt(i)) return false
    return true
  }

  #decoded(): ReadonlyMap<string, string> {
    if (this.#map !== undefined) return this.#map
    const map = new Map<string, string>()
    const spans = this.#spans
    for (let i = 0; i < spans.length; i += 4) {
      const name = decodeText(this.#bytes, spans[i]!, spans[i + 1]!).toLowerCase()
      const value = decodeText(this.#bytes, spans[i + 2]!, spans[i + 3]!)
      const before = map.get(name)
      map.set(name, before === undefined ? value : `${before},${value}`)
    }
    this.#map = map
    return map
  }
}
