/** The part of a URL that text stands in: each allows other characters. */
export type UrlPart = 'path' | 'user' | 'fragment' | 'host' | 'zone'

/** Characters that stand for themselves in a host. */
const hostCharacters = '!$&\'()*+,;=:[]<>"'

/** Whether a byte must be written as `%xx`. */
function mustEscape(byte: string, part: UrlPart): boolean {
  if (/[A-Za-z0-9\-_.~]/.test(byte)) return false
  if ((part === 'host' || part === 'zone') && hostCharacters.includes(byte)) return false
  if ('$&+,/:;=?@'.includes(byte))
    switch (part) {
      case 'path':
        return byte === '?'
      case 'user':
        return '@/?:'.includes(byte)
      case 'fragment':
        return false
      case 'host':
      case 'zone':
        return true
    }
  return !(part === 'fragment' && '!()*'.includes(byte))
}

/** Writes bytes that the part does not allow as `%XX`. */
export function encodePart(bytes: string, part: UrlPart): string {
  return bytes.replace(/[^A-Za-z0-9\-_.~]/g, byte =>
    mustEscape(byte, part) ? `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}` : byte,
  )
}

/** Decodes `%xx`; undefined when an escape is bad, or a character has no place in this part. */
export function decodePart(bytes: string, part: UrlPart): string | undefined {
  const inHost = part === 'host' || part === 'zone'
  if (/%(?![0-9A-Fa-f]{2})/.test(bytes)) return undefined
  for (const [sequence] of bytes.matchAll(/%../g)) {
    const byte = String.fromCharCode(Number.parseInt(sequence.slice(1), 16))
    // In a host, only bytes beyond ASCII may be written so; a zone also allows what would have to be.
    if (part === 'host' && byte < '\x80' && sequence !== '%25') return undefined
    if (part === 'zone' && sequence !== '%25' && byte !== ' ' && mustEscape(byte, 'host')) return undefined
  }
  if (inHost && [...bytes.replace(/%../g, '')].some(byte => byte < '\x80' && mustEscape(byte, part)))
    return undefined
  return bytes.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
