import { isUtf8 } from 'node:buffer'
import type { ReadSource } from './read.js'

/** A file's text, or where its bytes stop being UTF-8. */
export function textOf(file: string, bytes: Uint8Array): ReadSource {
  if (isUtf8(bytes)) return { file, text: new TextDecoder('utf-8').decode(bytes) }
  const at = firstBad(bytes)
  const byte = (bytes[at] ?? 0).toString(16).padStart(2, '0')
  return {
    file,
    fault: {
      code: 'CONFIG_NOT_UTF8',
      message: `Cannot read the file: found the byte 0x${byte} at ${at}, where UTF-8 cannot have it`,
      mend: 'save the file as UTF-8',
      before: new TextDecoder('utf-8').decode(bytes.subarray(0, at)),
    },
  }
}

/** How many bytes from the start are UTF-8. Found by halves: whatever begins well ends in at most one cut character. */
function firstBad(bytes: Uint8Array): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (beginsWell(bytes.subarray(characterStart(bytes, good), middle))) good = middle
    else bad = middle
  }
  // A character that was cut belongs to what is bad.
  while (good > 0 && !isUtf8(bytes.subarray(0, good))) good--
  return good
}

/** Where the character begins that a byte belongs to. */
function characterStart(bytes: Uint8Array, index: number): number {
  let at = index
  while (at > 0 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--
  return at
}

/** Whether bytes could be the beginning of a UTF-8 text. */
function beginsWell(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}
