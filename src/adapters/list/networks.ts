import { parseIp } from '../values/ip.js'

/** An address block: its bytes, 4 or 16, and how many leading bits count. */
export interface Network {
  readonly address: Uint8Array
  readonly prefixBits: number
}

/**
 * An address block (`10.0.0.0/8`, `2001:db8::/32`) or one address; undefined for text that is neither. One address is
 * a block of all its bits: 32 for IPv4, 128 for IPv6 (upstream takes 32 for both, so that one IPv6 entry covered
 * a whole provider).
 */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  const address = parseIp(slash < 0 ? text : text.slice(0, slash))
  if (address === undefined) return undefined
  const bits = address.length * 8
  if (slash < 0) return { address, prefixBits: bits }
  const prefixText = text.slice(slash + 1)
  if (!/^(0|[1-9]\d{0,2})$/.test(prefixText)) return undefined
  // A prefix of `::ffff:a.b.c.d/n` counts the 96 bits before the IPv4 address.
  const mappedBits = address.length === 4 && text.includes(':') ? 96 : 0
  const prefixBits = Number(prefixText) - mappedBits
  return prefixBits < 0 || prefixBits > bits ? undefined : { address, prefixBits }
}

/**
 * Address blocks, asked whether one of them holds an address. One hash look-up for each prefix length that occurs, so
 * that a hundred thousand entries cost about what ten do (`BlockList` of node:net walks all entries).
 */
export class NetworkSet {
  /** By family and prefix length, the leading bits as text. */
  readonly #v4 = new Map<number, Set<string>>()
  readonly #v6 = new Map<number, Set<string>>()

  constructor(networks: Iterable<Network>) {
    for (const { address, prefixBits } of networks) {
      const family = this.#family(address)
      const blocks = family.get(prefixBits) ?? new Set()
      family.set(prefixBits, blocks.add(leadingBits(address, prefixBits)))
    }
  }

  has(address: Uint8Array): boolean {
    for (const [prefixBits, blocks] of this.#family(address)) {
      if (blocks.has(leadingBits(address, prefixBits))) return true
    }
    return false
  }

  #family(address: Uint8Array): Map<number, Set<string>> {
    return address.length === 4 ? this.#v4 : this.#v6
  }
}

/** One character for each whole byte, and one for the bits of a last, partial byte. */
function leadingBits(address: Uint8Array, bits: number): string {
  const wholeBytes = bits >> 3
  let key = ''
  for (let i = 0; i < wholeBytes; i++) key += String.fromCharCode(address[i] ?? 0)
  const rest = bits & 7
  return rest === 0
    ? key
    : key + String.fromCharCode((address[wholeBytes] ?? 0) & (0xff << (8 - rest)) & 0xff)
}
