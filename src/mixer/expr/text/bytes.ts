/**
 * Strings of the language are byte strings that are nearly always UTF-8. Inside they are JavaScript strings; a byte
 * that is no part of a UTF-8 sequence (only a literal such as `"\xff"` makes one) is kept as the lone surrogate
 * 0xDC00 + byte, which no well-formed text contains.
 */
const escapeBase = 0xdc00

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}

/** How many bytes a string has in UTF-8. */
export function byteLength(text: string): number {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes += 1
    else if (unit < 0x800) bytes += 2
    else if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) {
      bytes += 4
      i++
    } else bytes += unit >= escapeBase + 0x80 && unit <= escapeBase + 0xff ? 1 : 3
  }
  return bytes
}

/** Order of the UTF-8 bytes: negative, zero or positive. UTF-16 units order otherwise beyond U+FFFF. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  let i = 0
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i === length) return a.length - b.length
  const left = a.charCodeAt(i)
  const right = b.charCodeAt(i)
  if (isEscapeAt(a, i) || isEscapeAt(b, i))
    return Buffer.compare(Buffer.from(bytesAround(a, i)), Buffer.from(bytesAround(b, i)))
  if (left < 0xd800 || right < 0xd800) return left - right
  return rank(left) - rank(right)
}

/** The first bytes from an index on: enough to tell two texts apart that differ there. */
function bytesAround(text: string, at: number): number[] {
  return bytesOfText(text.slice(at, at + 2 * longestSequence))
}

/** Surrogates stand for characters above U+FFFF, so they follow U+E000..U+FFFF. */
function rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

/** Concatenation. Bytes that only together make a character (`"\xc3" + "\xa9"`) are joined to it. */
export function concat(a: string, b: string): string {
  // The left side is long in a chain of additions, and looking into it would copy it each time.
  if (!isLow(b.charCodeAt(0)) || !isEscapeAt(a, a.length - 1)) return a + b
  const from = a.length - escapesBefore(a)
  const to = escapesFrom(b)
  return a.slice(0, from) + textOfBytes(bytesOfText(a.slice(from) + b.slice(0, to))) + b.slice(to)
}

/** Whether the bytes of a text begin with those of another, which may end within a character of it. */
export function startsWithBytes(text: string, start: string): boolean {
  if (text.startsWith(start)) return true
  const whole = start.length - escapesBefore(start)
  if (whole === start.length || !text.startsWith(start.slice(0, whole))) return false
  const next = bytesAround(text, whole)
  return bytesOfText(start.slice(whole)).every((byte, i) => byte === next[i])
}

/** Whether the bytes of a text end with those of another, which may begin within a character of it. */
export function endsWithBytes(text: string, end: string): boolean {
  if (text.endsWith(end)) return true
  const cut = escapesFrom(end)
  if (cut === 0 || !text.endsWith(end.slice(cut))) return false
  const to = text.length - (end.length - cut)
  const before = bytesOfText(text.slice(Math.max(0, to - 2 * longestSequence), to))
  const wanted = bytesOfText(end.slice(0, cut))
  return wanted.length <= before.length && wanted.every((byte, i) => byte === before.at(i - wanted.length))
}

/** Bytes of the longest UTF-8 sequence; one byte fewer can be what is missing of it on one side. */
const longestSequence = 4

function isEscapeAt(text: string, index: number): boolean {
  return isLow(text.charCodeAt(index)) && !isHigh(text.charCodeAt(index - 1))
}

/** How many stray bytes a text ends with, as far as they can be the beginning of one sequence. */
function escapesBefore(text: string): number {
  let count = 0
  while (count < longestSequence - 1 && isEscapeAt(text, text.length - 1 - count)) count++
  return count
}

/** How many stray bytes a text begins with, as far as they can be the end of one sequence. */
function escapesFrom(text: string): number {
  let count = 0
  while (count < longestSequence - 1 && isEscapeAt(text, count)) count++
  return count
}

/** Whether a character stands for a byte that is no part of a UTF-8 sequence. */
export function isStrayByte(character: string): boolean {
  return character.length === 1 && isLow(character.charCodeAt(0))
}

/** The bytes of a string. */
export function bytesOfText(text: string): number[] {
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code >= escapeBase + 0x80 && code <= escapeBase + 0xff) bytes.push(code - escapeBase)
    else bytes.push(...Buffer.from(character, 'utf8'))
  }
  return bytes
}

/** The string of bytes; bytes outside any UTF-8 sequence are kept, see above. */
export function textOfBytes(bytes: readonly number[]): string {
  let text = ''
  let i = 0
  while (i < bytes.length) {
    const length = sequenceLength(bytes, i)
    if (length === 0) text += String.fromCharCode(escapeBase + (bytes[i++] ?? 0))
    else {
      text += Buffer.from(bytes.slice(i, i + length)).toString('utf8')
      i += length
    }
  }
  return text
}

/** The length of the valid UTF-8 sequence at an offset; 0 when there is none. */
function sequenceLength(bytes: readonly number[], at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
  if (length === 0 || first > 0xf4 || at + length > bytes.length) return 0
  const second = bytes[at + 1] ?? 0
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < low || second > high) return 0
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}
