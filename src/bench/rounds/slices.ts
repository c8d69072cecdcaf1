/** Longest time that one row is measured without a break, milliseconds, unless its calls are slow. */
const usualMs = 250
/** A slice is so many times as long as its row's calls take, or as long as the round: it begins and ends with few at work. */
const leastCalls = 20
/** Share of its length that runs before a slice or a schedule, unmeasured: to and fro between rows leaves caches cold. */
const settleShare = 0.15

/** How many slices a round of `ms` is taken in when the row's calls take `p50Ms`, in the middle. */
export function slicesIn(ms: number, p50Ms: number): number {
  return Math.max(1, Math.min(Math.round(ms / usualMs), Math.floor(ms / (leastCalls * p50Ms))))
}

/** How long it settles. */
export function settleOf(ms: number): number {
  return Math.ceil(Math.min(ms * settleShare, usualMs))
}

/** Whether a row of `slices` slices has one in this turn of `turns`: they are spread evenly over them. */
export function isDue(turn: number, turns: number, slices: number): boolean {
  return Math.round(((turn + 1) * slices) / turns) > Math.round((turn * slices) / turns)
}
