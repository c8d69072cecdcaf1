import { setFlagsFromString } from 'node:v8'

/** How far the heap may grow beyond what was in use, before all of it is collected, percent. V8's own measure is anything up to 300. */
const growthPercent = 100

/**
 * Suits V8's heap to a host. What is set and what it gains: docs/decisions/heap.md.
 *
 * Objects of a request all live as long as the request, which V8 takes for a reason to put further ones of their kind among
 * the old at once: they then stay until a full collection. And what HTTP/2 leaves among the old takes time to free: the
 * more of it has gathered, the longer a host stands still. Less growth than this, and buffers of reports alone would
 * make V8 collect everything several times a second.
 */
export function suitHeap(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`)
}
