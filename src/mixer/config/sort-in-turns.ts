import { mapInTurns, type Turns } from './turns.js'

/** So many are sorted, or merged, in one step. */
const stepItems = 256

/** Sorts, and leaves equal ones in their order; others have their turns while it does. */
export async function sortInTurns<T extends object>(
  items: readonly T[],
  turns: Turns,
  compare: (a: T, b: T) => number,
): Promise<T[]> {
  const starts = Array.from({ length: Math.ceil(items.length / stepItems) }, (_, i) => i * stepItems)
  let runs = await mapInTurns(starts, turns, start => items.slice(start, start + stepItems).sort(compare))
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let i = 0; i < runs.length; i += 2)
      merged.push(await merge(runs[i] ?? [], runs[i + 1] ?? [], turns, compare))
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T extends object>(
  first: readonly T[],
  second: readonly T[],
  turns: Turns,
  compare: (a: T, b: T) => number,
): Promise<T[]> {
  const merged: T[] = []
  let next = 0
  for (const item of first) {
    for (let other = second[next]; other !== undefined && compare(other, item) < 0; other = second[++next])
      merged.push(other)
    merged.push(item)
    const others = merged.length % stepItems === 0 ? turns.due() : undefined
    if (others !== undefined) await others
  }
  return merged.concat(second.slice(next))
}
