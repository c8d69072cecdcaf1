import { constants, PerformanceObserver } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { growthPercent, nextGrowthPercent } from './heap-growth.js'

/**
 * Suits V8's heap to a host. What is set and what it gains: docs/decisions/heap.md.
 *
 * Objects of a request all live as long as the request, which V8 takes for a reason to put further ones of their kind among
 * the old at once: they then stay until a full collection. And what HTTP/2 leaves among the old takes time to free: the
 * more of it has gathered, the longer a host stands still. So the heap grows little between full collections, unless these
 * then come too often.
 *
 * @param setFlag sets an option of V8. Default: Node's way.
 */
export function suitHeap(setFlag: (flag: string) => void = setFlagsFromString): void {
  // V8 reads this one at the end of each full collection, for the next.
  const setGrowth = (percent: number) => setFlag(`--heap-growing-percent=${Math.round(percent)}`)
  setFlag('--no-allocation-site-pretenuring')
  let growth: number = growthPercent.first
  // The first one comes of starting, whenever it comes.
  let lastEnd = Number.NEGATIVE_INFINITY
  setGrowth(growth)
  const observer = new PerformanceObserver(seen => {
    for (const entry of seen.getEntries()) {
      if (!isFull(entry)) continue
      const sinceMs = entry.startTime - lastEnd
      lastEnd = entry.startTime + entry.duration
      growth = nextGrowthPercent(growth, { pauseMs: entry.duration, sinceMs })
      setGrowth(growth)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
}

function isFull(entry: object): boolean {
  const { detail } = entry as { readonly detail?: { readonly kind?: number } }
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR
}
