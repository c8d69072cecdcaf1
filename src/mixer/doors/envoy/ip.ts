import { isIPv4, isIPv6 } from 'node:net'

/**
 * An IP address in network order, 4 or 16 bytes; undefined when the text is none. An IPv4 address mapped into IPv6
 * (`::ffff:10.0.0.1`) is taken for the IPv4 address that it is. A zone (`%eth0`) is left out.
 */
export function parseIp(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return parseV4(text)
  const zone = text.indexOf('%')
  const bare = zone < 0 ? text : text.slice(0, zone)
  return isIPv6(bare) ? parseV6(bare) : undefined
}

function parseV4(text: string): Uint8Array {
  const bytes = new Uint8Array(4)
  let at = 0
  let octet = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0x2e) {
      bytes[at++] = octet
      octet = 0
    } else octet = octet * 10 + unit - 0x30
  }
  bytes[at] = octet
  return bytes
}

function parseV6(text: string): Uint8Array {
  const [head = '', tail] = text.split('::')
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const zeros = new Array<number>(8 - front.length - back.length).fill(0)
  const all = [...front, ...zeros, ...back]
  const bytes = new Uint8Array(16)
  for (const [index, group] of all.entries()) {
    bytes[2 * index] = group >> 8
    bytes[2 * index + 1] = group & 0xff
  }
  const mapped = all.slice(0, 5).every(group => group === 0) && all[5] === 0xffff
  return mapped ? bytes.slice(12) : bytes
}

function groups(part: string): number[] {
  if (part === '') return []
  return part.split(':').flatMap(group => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = parseV4(group)
    return [(a << 8) | b, (c << 8) | d]
  })
}
