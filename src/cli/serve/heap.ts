import { getHeapStatistics, setFlagsFromString } from 'node:v8'

/** A heap in use beyond this is held short, bytes. */
const largeBytes = 128 * 1024 * 1024
/** How far a large heap may grow beyond what was in use, before all of it is collected. V8's own measure is up to 300. */
const growthPercent = 50
const lookEveryMs = 1_000

/**
 * Suits V8's heap to a host. What is set and what it gains: docs/decisions/heap.md. Answers how to stop it.
 *
 * Objects of a request all live as long as the request, which V8 takes for a reason to put further ones of their kind among
 * the old at once: they then stay until a full collection. And a host with many rules or a full cache would be let grow to
 * several times what it uses.
 */
export function keepHeap(): () => void {
  setFlagsFromString('--no-allocation-site-pretenuring')
  boundGrowth()
  const timer = setInterval(boundGrowth, lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

function boundGrowth(): void {
  const isLarge = getHeapStatistics().used_heap_size > largeBytes
  // 0: as V8 thinks best: rarer pauses are worth more than the memory of a small heap.
  setFlagsFromString(`--heap-growing-percent=${isLarge ? growthPercent : 0}`)
}
