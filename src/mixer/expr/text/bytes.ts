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
  if (left < 0xd800 || right < 0xd800) return left - right
  return rank(left) - rank(right)
}

/** Surrogates stand for characters above U+FFFF, so they follow U+E000..U+FFFF. */
function rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

/** Concatenation. Bytes that only together make a character (`"\xc3" + "\xa9"`) are joined to it. */
export function concat(a: string, b: string): string {
  // The left side is long in a chain of additions, and looking into it would copy it each time.
  const mayJoin = isLow(b.charCodeAt(0)) && endsWithEscape(a)
  return mayJoin ? textOfBytes(bytesOfText(a + b)) : a + b
}

function endsWithEscape(text: string): boolean {
  const last = text.charCodeAt(text.length - 1)
  return isLow(last) && !isHigh(text.charCodeAt(text.length - 2))
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
