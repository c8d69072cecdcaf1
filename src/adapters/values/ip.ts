import { isIP } from 'node:net'

/**
 * An address as text: IPv4 (also when mapped into IPv6) with dots, IPv6 in the form of RFC 5952. Bytes of another
 * length are no address; they are shown as `?` and hexadecimal digits, as Go prints them.
 */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return `?${Buffer.from(bytes).toString('hex')}`
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0))
  if (isMapped(bytes)) return bytes.subarray(12).join('.')
  const gap = longestZeroRun(groups)
  const hex = groups.map(group => group.toString(16))
  if (gap.length < 2) return hex.join(':')
  return `${hex.slice(0, gap.start).join(':')}::${hex.slice(gap.start + gap.length).join(':')}`
}

/**
 * The bytes of an address, 4 or 16; undefined for text that is none. An IPv4 address mapped into IPv6
 * (`::ffff:10.0.0.1`) is the IPv4 address. Zones (`fe80::1%eth0`) are refused, as Go does.
 */
export function parseIp(text: string): Uint8Array | undefined {
  const version = text.includes('%') ? 0 : isIP(text)
  if (version === 4) return Uint8Array.from(text.split('.'), Number)
  if (version !== 6) return undefined
  const bytes = ipv6Bytes(text)
  return isMapped(bytes) ? bytes.slice(12) : bytes
}

/** `text` has been recognised as IPv6 already. */
function ipv6Bytes(text: string): Uint8Array {
  const [head = '', tail] = text.split('::')
  const before = groupBytes(head)
  const after = tail === undefined ? [] : groupBytes(tail)
  const bytes = new Uint8Array(16)
  bytes.set(before, 0)
  bytes.set(after, 16 - after.length)
  return bytes
}

function groupBytes(part: string): number[] {
  if (part === '') return []
  return part.split(':').flatMap(group => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}

/** `::ffff:0:0/96`. */
function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every(byte => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === 0) continue
    if (i - start > best.length) best = { start, length: i - start }
    start = i + 1
  }
  return best
}
