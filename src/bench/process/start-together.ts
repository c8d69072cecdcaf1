import { availableParallelism } from 'node:os'

/** Starts one for each, as many at once as there are cores, and answers them in the order of `all`. */
export async function startTogether<One, Started>(
  all: readonly One[],
  start: (one: One) => Promise<Started>,
): Promise<Started[]> {
  const started: Started[] = []
  let next = 0
  const lane = async () => {
    while (next < all.length) {
      const index = next++
      const one = all[index]
      if (one !== undefined) started[index] = await start(one)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  return started
}
