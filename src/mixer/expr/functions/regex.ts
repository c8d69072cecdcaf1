import { LRUCache } from 'lru-cache'
import { RE2JS, RE2JSException } from 're2js'
import type { EvalFailure } from '../plan.js'
import { invalid, shown } from './invalid.js'

/** The longest pattern, in UTF-16 units. */
const maxPatternLength = 4_096
/** The largest compiled pattern, in instructions; counted repetitions multiply. Time per character grows with it. */
const maxProgramSize = 10_000
/** Patterns that one place keeps compiled when they come from attributes; the least recently used goes first. */
const maxCachedPatterns = 64

/** Whether a pattern is found anywhere in a text, in time linear in the text. */
export function regexSearch(regex: RE2JS, text: string): boolean {
  return regex.test(text)
}

/** Compiled patterns of one place in one expression. */
export class RegexCache {
  readonly #patterns = new LRUCache<string, RE2JS | EvalFailure>({ max: maxCachedPatterns })

  /** A compiled pattern, or why it is none. */
  compile(pattern: string): RE2JS | EvalFailure {
    const known = this.#patterns.get(pattern)
    if (known !== undefined) return known
    const compiled = compileRegex(pattern)
    if (pattern.length <= maxPatternLength) this.#patterns.set(pattern, compiled)
    return compiled
  }
}

/** A compiled pattern, or why it is none. */
export function compileRegex(pattern: string): RE2JS | EvalFailure {
  if (pattern.length > maxPatternLength)
    return invalid(
      `error parsing regexp: the pattern has ${pattern.length} characters; the limit is ${maxPatternLength}`,
    )
  if (estimateSize(pattern) > maxProgramSize)
    return invalid(`error parsing regexp: expression too large: \`${shown(pattern)}\``)
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    if (error instanceof RE2JSException) return invalid(shown(error.message))
    return invalid(`error parsing regexp: ${shown(String(error))}`)
  }
}

/**
 * About how many instructions a pattern compiles to: one for each character, class and operator, times the counts of
 * the repetitions around it. Counted before compiling, because compiling is what a large pattern makes slow.
 */
function estimateSize(pattern: string): number {
  const open: number[] = []
  let size = 0
  let atom = 0
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern.charAt(i)
    if (character === '(') {
      open.push(size)
      size = 0
      atom = 0
    } else if (character === ')') {
      atom = size + 2
      size = (open.pop() ?? 0) + atom
    } else if (character === '{') {
      const count = /^\{(\d{0,5})(?:,(\d{0,5}))?\}/.exec(pattern.slice(i, i + 13))
      if (count === null) atom = 1
      else {
        const times = Math.max(1, Number(count[1]), Number(count[2] ?? 0))
        size += atom * (times - 1)
        atom *= times
        i += count[0].length - 1
        continue
      }
      size += atom
    } else {
      if (character === '\\') i++
      else if (character === '[') i = classEnd(pattern, i)
      atom = 1
      size += 1
    }
    if (size > maxProgramSize) return size
  }
  return open.reduce((sum, outer) => sum + outer, size)
}

/** Where a character class ends, or the last place of the pattern. */
function classEnd(pattern: string, start: number): number {
  for (let i = start + 2; i < pattern.length; i++) {
    if (pattern.charAt(i) === '\\') i++
    else if (pattern.charAt(i) === ']') return i
  }
  return pattern.length - 1
}
