import type { Clock } from '../engine/ports.js'

/** Resolves when the work is done, at the latest after so many milliseconds. */
export async function within(work: Promise<unknown>, ms: number, clock: Clock): Promise<void> {
  let cancel = () => {}
  const late = new Promise<void>(resolve => {
    cancel = clock.after(ms, resolve)
  })
  await Promise.race([work, late])
  cancel()
}
