import { int64 } from '../../attributes/index.js'
import { parseDuration } from '../duration.js'
import { ExprError, type ExprLocation } from '../error.js'
import type { Constant } from './ast.js'
import { unquote } from './quoted.js'
import type { Token } from './token.js'

const maxInt64 = 2n ** 63n - 1n
/** More digits than any 64-bit integer has, leading zeros aside. */
const maxIntegerDigits = 19

/** What an error about a literal needs to know. */
export interface LiteralSource {
  readonly text: string
  readonly location: ExprLocation | undefined
}

/** The constant that a literal stands for. Text that reads as a duration is one (reference expressions, section 2). */
export function constant(token: Token, source: LiteralSource): Constant {
  const refuse = (message: string): ExprError =>
    new ExprError({ code: 'EXPR_LITERAL', message, start: token.start, end: token.end, ...source })
  const made = (type: Constant['type'], value: Constant['value']): Constant => {
    return { kind: 'constant', type, value, text: token.text, start: token.start, end: token.end }
  }
  switch (token.kind) {
    case 'int':
      return made('INT64', integer(token.text, refuse))
    case 'float':
      return made('DOUBLE', float(token.text, refuse))
    case 'string':
    case 'rune': {
      const text = unquote(token.text, refuse)
      const duration = parseDuration(text)
      return duration === undefined ? made('STRING', text) : made('DURATION', duration)
    }
    case 'imaginary':
    case 'name':
    case 'keyword':
    case 'operator':
    case 'newline':
    case 'end':
      throw refuse('unsupported Type: IMAG')
  }
}

/** In base ten, whatever the prefix: `010` is ten. */
function integer(text: string, refuse: (message: string) => ExprError) {
  if (!/^[0-9]+$/.test(text)) throw refuse(`strconv.ParseInt: parsing "${text}": invalid syntax`)
  const digits = text.replace(/^0+/, '')
  if (digits.length > maxIntegerDigits || BigInt(digits) > maxInt64)
    throw refuse(`strconv.ParseInt: parsing "${text}": value out of range`)
  return int64(BigInt(digits))
}

function float(text: string, refuse: (message: string) => ExprError): number {
  const plain = text.replaceAll('_', '')
  const value = /^0x/i.test(plain) ? hexFloat(plain) : Number(plain)
  if (!Number.isFinite(value)) throw refuse(`strconv.ParseFloat: parsing "${text}": value out of range`)
  return value
}

/** `0x1.8p3`; rounds once, to the nearest double. */
function hexFloat(text: string): number {
  const [mantissa = '', exponentText = '0'] = text.slice(2).toLowerCase().split('p')
  const [whole = '', fraction = ''] = mantissa.split('.')
  let digits = BigInt(`0x0${whole}${fraction}`)
  if (digits === 0n) return 0
  // Beyond these bounds the result is infinite or zero for any mantissa of a text within the length limit.
  let exponent = Math.max(-1_000_000, Math.min(1_000_000, Number(exponentText))) - 4 * fraction.length
  // 64 significant bits and a sticky one decide the rounding; then one exact scaling remains.
  const bits = digits.toString(2).length
  if (bits > 66) {
    const dropped = BigInt(bits - 66)
    const rest = digits & ((1n << dropped) - 1n)
    digits = (digits >> dropped) | (rest === 0n ? 0n : 1n)
    exponent += bits - 66
  }
  return scale(digits, exponent)
}

/** `digits × 2^exponent`, rounded once to the nearest double, ties to even, also where doubles get thin near zero. */
function scale(digits: bigint, exponent: number): number {
  const smallest = -1074
  if (exponent < smallest) {
    const shift = smallest - exponent
    if (shift > 2_000) return 0
    const by = BigInt(shift)
    const rest = digits & ((1n << by) - 1n)
    const half = 1n << (by - 1n)
    const kept = digits >> by
    const up = rest > half || (rest === half && (kept & 1n) === 1n)
    const significant = kept.toString(2).length
    if (significant <= 53) return Number(up ? kept + 1n : kept) * 2 ** smallest
    const sticky = (kept << 1n) | (rest === 0n ? 0n : 1n)
    return Number(sticky) * 2 ** smallest * 0.5
  }
  const high = Math.min(exponent, 900)
  return Number(digits) * 2 ** Math.max(high, -1000) * 2 ** (exponent - Math.max(high, -1000))
}
