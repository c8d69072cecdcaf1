/** How long a condition may take to come true before the test fails, milliseconds. Far beyond what a busy machine needs. */
const patienceMs = 60_000
const lookEveryMs = 20

/** Resolves when the condition holds; what happens in other processes cannot be awaited otherwise. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + patienceMs
  for (;;) {
    if (await holds()) return
    if (performance.now() > giveUpAt) throw new Error(`not so within ${patienceMs / 1_000} s: ${what}`)
    await new Promise(resolve => setTimeout(resolve, lookEveryMs))
  }
}
