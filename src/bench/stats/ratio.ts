import { deviation, interval, mean } from './student.js'

/** A ratio whose rounds differ by more than this coefficient of variation is not printed. */
export const maxVariation = 0.15

/** A ratio of tails whose interval reaches further than this to either side is not printed. */
export const maxTailReach = 0.5

export type Ratio =
  | { readonly kind: 'ratio'; readonly value: number; readonly low: number; readonly high: number }
  | {
      readonly kind: 'refused'
      readonly reason: string
      /** How much the rounds disagree, when that is the reason: their coefficient of variation, or how far an interval reaches. */
      readonly variation?: number | undefined
    }

/**
 * The ratio of two rows, round by round: those of one number were measured seconds apart, so that what slows the machine
 * down slows both. The value is the geometric mean, the interval Student's t over the logarithms, so that the ratio the other
 * way round is exactly its inverse. Refused when the rounds disagree by more than the limit, or there is nothing to
 * divide.
 */
export function ratioOf(values: readonly number[], references: readonly number[]): Ratio {
  const count = Math.min(values.length, references.length)
  const ratios = Array.from({ length: count }, (_, i) => (values[i] ?? 0) / (references[i] ?? 0))
  if (ratios.length < 2) return { kind: 'refused', reason: 'one round alone says nothing about noise' }
  if (ratios.some(ratio => !Number.isFinite(ratio) || ratio <= 0))
    return { kind: 'refused', reason: 'a round has nothing to divide' }
  const variation = deviation(ratios) / mean(ratios)
  if (variation > maxVariation)
    return {
      kind: 'refused',
      variation,
      reason: `rounds disagree by ${Math.round(variation * 100)} % (limit ${maxVariation * 100} %)`,
    }
  const logarithms = interval(ratios.map(Math.log))
  return {
    kind: 'ratio',
    value: Math.exp(logarithms.mean),
    low: Math.exp(logarithms.low),
    high: Math.exp(logarithms.high),
  }
}
