import { deviation, mean } from './student.js'

/**
 * How probable means are that differ by so much or more when nothing but chance separates them: Welch's t-test, two-sided, for
 * two samples whose spread may differ.
 * @throws {RangeError} with fewer than two values on either side
 */
export function welch(some: readonly number[], others: readonly number[]): number {
  if (some.length < 2 || others.length < 2) throw new RangeError('a spread needs two values')
  const apart = mean(some) - mean(others)
  const [a, b] = [some, others].map(values => deviation(values) ** 2 / values.length)
  if (a === undefined || b === undefined || a + b === 0) return apart === 0 ? 1 : 0
  const freedom = (a + b) ** 2 / (a ** 2 / (some.length - 1) + b ** 2 / (others.length - 1))
  const t2 = apart ** 2 / (a + b)
  return incompleteBeta(freedom / (freedom + t2), freedom / 2, 0.5)
}

/**
 * Which of many such probabilities are too small for chance, by Benjamini and Hochberg: of those that are named, one in twenty
 * is expected to be chance; where nothing has changed at all, in one comparison of twenty something is named. Their indices.
 */
export function discoveries(probabilities: readonly number[], share = 0.05): Set<number> {
  const order = [...probabilities.keys()].sort((i, j) => (probabilities[i] ?? 1) - (probabilities[j] ?? 1))
  const last = order.findLastIndex(
    (index, rank) => (probabilities[index] ?? 1) <= ((rank + 1) / order.length) * share,
  )
  return new Set(order.slice(0, last + 1))
}

/** The regularised incomplete beta function, by its continued fraction (Numerical Recipes, 6.4). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x))
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b
}

const maxTerms = 300
const tiny = 1e-300

function fraction(x: number, a: number, b: number): number {
  const guarded = (value: number) => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / guarded(1 - ((a + b) * x) / (a + 1))
  let result = d
  for (let m = 1; m <= maxTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    const before = result
    for (const term of [even, odd]) {
      d = 1 / guarded(1 + term * d)
      c = guarded(1 + term / c)
      result *= d * c
    }
    if (Math.abs(result / before - 1) < 1e-12) break
  }
  return result
}

/** Lanczos' approximation, exact to about ten digits. */
function logGamma(x: number): number {
  const factors = [
    76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2,
    -0.5395239384953e-5,
  ]
  const near = x + 5.5 - (x + 0.5) * Math.log(x + 5.5)
  const series = factors.reduce((sum, factor, i) => sum + factor / (x + 1 + i), 1.000000000190015)
  return -near + Math.log((Math.sqrt(2 * Math.PI) * series) / x)
}
