import { glob } from '../functions/glob.js'
import { compileRegex, RegexCache, regexSearch } from '../functions/regex.js'
import { apply1, apply2 } from '../nodes/apply.js'
import { Constant } from '../nodes/constant.js'
import type { Plan } from '../nodes/plan.js'
import { EvalFailure } from '../plan.js'
import { endsWithBytes, startsWithBytes } from '../text/bytes.js'

/** `match(subject, pattern)`: see {@link glob}. */
export function match(subject: Plan<string>, pattern: Plan<string>): Plan<boolean> {
  return apply2('match', glob, subject, pattern)
}

/** `subject.startsWith(prefix)`. */
export function startsWith(subject: Plan<string>, prefix: Plan<string>): Plan<boolean> {
  return apply2('startsWith', startsWithBytes, subject, prefix)
}

/** `subject.endsWith(suffix)`. */
export function endsWith(subject: Plan<string>, suffix: Plan<string>): Plan<boolean> {
  return apply2('endsWith', endsWithBytes, subject, suffix)
}

/**
 * `pattern.matches(subject)`. A constant pattern is compiled once; a bad one is still a failure of each request, as it
 * is upstream. Other patterns go through a cache that this node owns.
 */
export function matches(pattern: Plan<string>, subject: Plan<string>): Plan<boolean> {
  if (!(pattern instanceof Constant)) {
    const cache = new RegexCache()
    return apply2('matches', (text: string, from: string) => search(cache, text, from), pattern, subject)
  }
  const regex = compileRegex(pattern.value)
  const shown = `${pattern.print()}:matches`
  if (regex instanceof EvalFailure) return apply1<string, boolean>(shown, () => regex, subject)
  return apply1(shown, (text: string) => regexSearch(regex, text), subject)
}

function search(cache: RegexCache, pattern: string, subject: string): boolean | EvalFailure {
  const regex = cache.compile(pattern)
  return regex instanceof EvalFailure ? regex : regexSearch(regex, subject)
}
