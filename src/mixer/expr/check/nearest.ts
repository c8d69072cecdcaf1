/** Names longer than this are not compared, and at most this many names are: suggestions stay cheap. */
const maxLength = 80
/** Of shorter ones a third is less than one character. */
const minLength = 3
const maxCandidates = 2_000

/**
 * The known name that differs least from a name, when it differs in at most a third of its characters; undefined when
 * there is none.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  if (name.length < minLength || name.length > maxLength) return undefined
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1
  let seen = 0
  for (const candidate of known) {
    if (++seen > maxCandidates) break
    if (candidate === name || candidate.length > maxLength) continue
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue
    const found = distance(name, candidate, bestDistance)
    if (found < bestDistance) {
      best = candidate
      bestDistance = found
    }
  }
  return best
}

/** The edit distance without regard to letter case; any number of at least `limit` once it reaches that. */
function distance(a: string, b: string, limit: number): number {
  const left = a.toLowerCase()
  const right = b.toLowerCase()
  let previous = Array.from({ length: right.length + 1 }, (_, i) => i)
  for (let i = 1; i <= left.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= right.length; j++) {
      const change = (previous[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      const cost = Math.min(change, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1)
      row.push(cost)
      least = Math.min(least, cost)
    }
    if (least >= limit) return limit
    previous = row
  }
  return previous[right.length] ?? limit
}
