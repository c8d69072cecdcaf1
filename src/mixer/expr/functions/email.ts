import { EvalFailure } from '../plan.js'
import { dnsEqual, dnsName } from './dns.js'
import { invalid, shown } from './invalid.js'

/** The two sides of an address's first `@`. */
interface Parts {
  readonly local: string
  readonly domain: string
}

/** `email(text)`: one plain address, alone or in angle brackets; the text itself is the value. */
export function email(text: string): string | EvalFailure {
  const parts = parseEmail(text)
  if (parts instanceof EvalFailure) return parts
  const domain = dnsName(parts.domain)
  return domain instanceof EvalFailure ? domain : text
}

/** Equality of addresses: domains as names, local parts as they are. */
export function emailEqual(a: string, b: string): boolean | EvalFailure {
  const left = parseEmail(a)
  if (left instanceof EvalFailure) return left
  const right = parseEmail(b)
  if (right instanceof EvalFailure) return right
  const sameDomain = dnsEqual(left.domain, right.domain)
  return sameDomain === true ? left.local === right.local : sameDomain
}

/** An address as Go's mail parser reads it. */
function parseEmail(text: string): Parts | EvalFailure {
  const refused = (why: string): EvalFailure =>
    invalid(`error converting '${shown(text)}' to e-mail: mail: ${why}`)
  const start = skipBlanks(text, 0)
  if (start === text.length) return refused('no address')
  const bracketed = text.charAt(start) === '<'
  const spec = readAddress(text, bracketed ? start + 1 : start)
  if (spec === undefined) return refused('missing or bad address')
  const end = bracketed ? closing(text, spec.end) : skipBlanks(text, spec.end)
  if (end === undefined) return refused('unclosed angle bracket')
  const rest = bracketed ? skipComments(text, end) : end
  if (rest !== text.length) return refused('expected a single plain address')
  const at = spec.address.indexOf('@')
  return { local: spec.address.slice(0, at), domain: spec.address.slice(at + 1) }
}

function closing(text: string, at: number): number | undefined {
  return text.charAt(at) === '>' ? at + 1 : undefined
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text.charAt(at) === ' ' || text.charAt(at) === '\t') at++
  return at
}

/** Blanks and comments in parentheses, which nest; a comment that does not end stays. */
function skipComments(text: string, from: number): number {
  let at = skipBlanks(text, from)
  while (text.charAt(at) === '(') {
    let depth = 0
    let i = at
    do {
      const character = text.charAt(i)
      if (character === '') return at
      if (character === '(') depth++
      else if (character === ')') depth--
      else if (character === '\\') i++
      i++
    } while (depth > 0)
    at = skipBlanks(text, i)
  }
  return at
}

/** `local@domain`: the local part a dot-atom or a quoted string, the domain a dot-atom. */
function readAddress(
  text: string,
  from: number,
): { readonly address: string; readonly end: number } | undefined {
  const start = skipBlanks(text, from)
  const local = text.charAt(start) === '"' ? readQuoted(text, start) : readAtom(text, start)
  if (local === undefined || local.value === '' || text.charAt(local.end) !== '@') return undefined
  const domain = readAtom(text, skipBlanks(text, local.end + 1))
  return domain === undefined ? undefined : { address: `${local.value}@${domain.value}`, end: domain.end }
}

interface Read {
  readonly value: string
  readonly end: number
}

/** Visible characters and everything beyond ASCII, but none of RFC 5322's specials; dots only within. */
function readAtom(text: string, start: number): Read | undefined {
  const atom = /[^\0- \x7f()<>[\]:;@\\,"]+/y
  atom.lastIndex = start
  const value = atom.exec(text)?.[0]
  if (value === undefined || /^\.|\.\.|\.$/.test(value)) return undefined
  return { value, end: start + value.length }
}

function readQuoted(text: string, start: number): Read | undefined {
  let value = ''
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '"') return { value, end: at + 1 }
    if (character === '\\') {
      at++
      if (at >= text.length) return undefined
    }
    const quoted = text.charAt(at)
    if ((quoted < ' ' && quoted !== '\t') || quoted === '\x7f') return undefined
    value += quoted
  }
  return undefined
}
