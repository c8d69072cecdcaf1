import type { EvalFailure } from '../plan.js'
import { invalid, shown } from './invalid.js'

/** Above this a decimal or hexadecimal number stops being read, as in Go. */
const big = 0xffffff

/** `ip(text)`: always 16 bytes; IPv4 in its mapped form. Leading zeros are decimal. */
export function ip(text: string): Uint8Array | EvalFailure {
  return parseAddress(text) ?? invalid(`could not convert ${shown(text)} to IP_ADDRESS`)
}

/** An address as Go reads it, as 16 bytes; undefined when the text is none. */
export function parseAddress(text: string): Uint8Array | undefined {
  const first = /[.:]/.exec(text)?.[0]
  if (first === undefined) return undefined
  return first === '.' ? mapped(parseV4(text)) : parseV6(text)
}

/** The 4-byte and the mapped 16-byte form of one address are equal. */
export function addressEqual(a: Uint8Array, b: Uint8Array): boolean {
  const left = a.length === 4 ? mapped(a) : a
  const right = b.length === 4 ? mapped(b) : b
  if (left === undefined || right === undefined || left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false
  return true
}

/** As Go prints it: IPv4 dotted, IPv6 with the longest run of zero groups left out. */
export function printAddress(address: Uint8Array): string {
  const full = address.length === 4 ? mapped(address) : address
  if (full === undefined || full.length !== 16) return ''
  if (full.subarray(0, 10).every(byte => byte === 0) && full[10] === 0xff && full[11] === 0xff)
    return full.subarray(12).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((full[2 * i] ?? 0) << 8) | (full[2 * i + 1] ?? 0))
  const gap = longestZeros(groups)
  const hex = groups.map(group => group.toString(16))
  if (gap.length < 2) return hex.join(':')
  return `${hex.slice(0, gap.start).join(':')}::${hex.slice(gap.start + gap.length).join(':')}`
}

function longestZeros(groups: readonly number[]) {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  return best
}

function mapped(v4: Uint8Array | undefined): Uint8Array | undefined {
  if (v4 === undefined) return undefined
  const bytes = new Uint8Array(16)
  bytes.fill(0xff, 10, 12)
  bytes.set(v4, 12)
  return bytes
}

function parseV4(text: string): Uint8Array | undefined {
  const parts = text.split('.', 5)
  if (parts.length !== 4) return undefined
  const bytes = new Uint8Array(4)
  for (const [i, part] of parts.entries()) {
    if (!/^[0-9]+$/.test(part)) return undefined
    const value = Number(part)
    if (value > 0xff) return undefined
    bytes[i] = value
  }
  return bytes
}

function parseV6(whole: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16)
  let text = whole
  let ellipsis = -1
  if (text.startsWith('::')) {
    ellipsis = 0
    text = text.slice(2)
    if (text === '') return bytes
  }
  let i = 0
  while (i < 16) {
    const digits = /^[0-9a-fA-F]+/.exec(text)?.[0]
    if (digits === undefined) return undefined
    const value = Number.parseInt(digits, 16)
    if (value > 0xffff || value >= big) return undefined
    if (text.charAt(digits.length) === '.') {
      if ((ellipsis < 0 && i !== 12) || i + 4 > 16) return undefined
      const v4 = parseV4(text)
      if (v4 === undefined) return undefined
      bytes.set(v4, i)
      text = ''
      i += 4
      break
    }
    bytes[i] = value >> 8
    bytes[i + 1] = value & 0xff
    i += 2
    text = text.slice(digits.length)
    if (text === '') break
    if (!text.startsWith(':') || text.length === 1) return undefined
    text = text.slice(1)
    if (text.startsWith(':')) {
      if (ellipsis >= 0) return undefined
      ellipsis = i
      text = text.slice(1)
      if (text === '') break
    }
  }
  if (text !== '') return undefined
  if (i === 16) return ellipsis < 0 ? bytes : undefined
  if (ellipsis < 0) return undefined
  const expanded = new Uint8Array(16)
  expanded.set(bytes.subarray(0, ellipsis))
  expanded.set(bytes.subarray(ellipsis, i), 16 - (i - ellipsis))
  return expanded
}
