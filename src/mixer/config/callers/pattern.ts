import { RE2JS } from 're2js'
import type { Located } from '../decode/reader.js'
import type { Reporter } from '../report.js'
import { quote } from '../source/node.js'
import type { Place } from '../source/place.js'

/** Longest pattern; its automaton grows with it. */
const maxPatternLength = 10_000

/** A pattern that a whole text must match. Linear in the text, whatever the pattern. */
export interface Pattern {
  matches(text: string): boolean
}

/** Compiles a regular expression (RE2); what is wrong is reported. */
export function regexPattern(text: string, place: Place, report: Reporter): Pattern | undefined {
  try {
    if (text.length > maxPatternLength) throw new RangeError(`longer than ${maxPatternLength} characters`)
    const compiled = RE2JS.compile(text)
    return { matches: subject => compiled.matches(subject) }
  } catch (cause) {
    report.problem(
      'CONFIG_BAD_PATTERN',
      place,
      `Cannot compile the regular expression ${quote(text)}: ${cause instanceof Error ? cause.message : String(cause)}`,
      'write an RE2 expression: no look-around, no back references',
    )
    return undefined
  }
}

/** A URI template and how specific it is: of several that match, the most specific one is meant. */
export interface UriPattern extends Pattern {
  /** Compares as text, smaller is more specific: `a` for a literal segment, `b` for one value, `c` for any rest. */
  readonly specificity: string
}

/**
 * Compiles a URI template (RFC 6570, simple form): `{name}` is one or more characters without `/`, `{+name}` may hold
 * `/`; `*` is one segment, `**` any rest, as Istio's clients also take. A query part (`{?x}`) is left out: only paths
 * are compared.
 */
export function uriPattern(text: Located<string>, report: Reporter): UriPattern | undefined {
  const path = text.value.replace(/\{[?&#][^{}]*\}.*$|\?.*$/s, '')
  const parts: string[] = []
  for (const [whole, plus, name, stars, literal] of path.matchAll(
    /\{(\+?)([\w.]+)(?:=\*)?\}|(\*{1,2})|([^{}*]+)|[{}]/gs,
  )) {
    if (name !== undefined) parts.push(plus === '+' ? '.+' : '[^/]+')
    else if (stars !== undefined) parts.push(stars === '**' ? '.*' : '[^/]+')
    else if (literal !== undefined) parts.push(literal.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&'))
    else {
      report.problem(
        'CONFIG_BAD_PATTERN',
        text.place,
        `Cannot compile the URI template ${quote(text.value)}: found "${whole}" that opens or closes no {name}`,
        'write names in braces: /items/{id}',
      )
      return undefined
    }
  }
  const pattern = regexPattern(parts.join(''), text.place, report)
  return pattern && { ...pattern, specificity: path.split('/').map(rankOf).join('') }
}

function rankOf(segment: string): string {
  if (segment.includes('**') || segment.includes('{+')) return 'c'
  return segment.includes('{') || segment.includes('*') ? 'b' : 'a'
}
