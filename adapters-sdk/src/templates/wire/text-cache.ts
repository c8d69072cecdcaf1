import { Buffer } from 'node:buffer'

/** Longer texts are rarely the same twice. */
const longest = 72
/** A power of two. At most this many texts of at most {@link longest} characters are kept. */
const places = 2_048

const kept = new Array<string>(places).fill('')
/** The bytes of each, one text behind the other with room for the longest: comparing bytes with bytes is quicker than with a text. */
const keptBytes = Buffer.allocUnsafeSlow(places * longest)

/**
 * Texts that were read before, by their bytes, when they have as many units as bytes: names of fields and most values of instances are the same in one
 * instance after the other, and a text that is the same object needs neither be made nor hashed again. A text goes when
 * another one takes its place.
 */
export function textOf(buffer: Buffer, start: number, end: number): string {
  const length = end - start
  if (length === 0) return ''
  if (length > longest) return buffer.toString('utf8', start, end)
  const place = placeOf(buffer, start, end)
  const text = kept[place] ?? ''
  if (text.length === length && isAt(place, buffer, start, length)) return text
  const read = buffer.toString('utf8', start, end)
  if (read.length === length) {
    kept[place] = read
    buffer.copy(keptBytes, place * longest, start, end)
  }
  return read
}

/** From some of the bytes: the ends of texts differ most. */
function placeOf(buffer: Buffer, start: number, end: number): number {
  let hash = end - start
  for (let i = Math.max(start, end - 6); i < end; i++) hash = Math.imul(hash, 31) + (buffer[i] ?? 0)
  hash = Math.imul(hash, 31) + (buffer[start] ?? 0)
  hash = Math.imul(hash, 31) + (buffer[(start + end) >>> 1] ?? 0)
  return (hash ^ (hash >>> 15)) & (places - 1)
}

/** Whether these are the bytes of the text that is kept there, which has as many. */
function isAt(place: number, buffer: Buffer, start: number, length: number): boolean {
  const own = place * longest
  for (let i = length - 1; i >= 0; i--) if (keptBytes[own + i] !== buffer[start + i]) return false
  return true
}
