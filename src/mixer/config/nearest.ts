import { nearest } from '@outboard/adapters-sdk'

/** Comparing a name with every rule of a large configuration, for each of its mistakes, would be quadratic. */
const maxCandidates = 2_000

/** `; did you mean "x"?`, or nothing. Looks at no more than the first 2,000 candidates. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, first(candidates))
  return found === undefined ? '' : `; did you mean "${found}"?`
}

function* first(candidates: Iterable<string>): Iterable<string> {
  let left = maxCandidates
  for (const candidate of candidates) {
    if (left-- === 0) return
    yield candidate
  }
}
