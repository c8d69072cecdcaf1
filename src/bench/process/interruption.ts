/** All that a signal needs of what is open. */
interface Closing {
  close(): Promise<void>
}

/** What a signal makes of the exit code, as a shell has it: 128 and its number. */
const codes = { SIGINT: 130, SIGTERM: 143 } as const

const open = new Set<Closing>()
let isInterrupted = false

/** Closes what is open and ends. A second signal does not wait for it. */
function interrupted(signal: keyof typeof codes): void {
  if (isInterrupted) process.exit(codes[signal])
  isInterrupted = true
  void Promise.allSettled([...open].map(one => one.close())).then(() => process.exit(codes[signal]))
}

const onSignal = { SIGINT: () => interrupted('SIGINT'), SIGTERM: () => interrupted('SIGTERM') } as const

/** From now on a signal closes this before the process ends. */
export function closeWhenInterrupted(closing: Closing): void {
  if (open.size === 0) for (const [signal, heard] of Object.entries(onSignal)) process.on(signal, heard)
  open.add(closing)
}

/** It is closed. */
export function closedBefore(closing: Closing): void {
  open.delete(closing)
  if (open.size === 0 && !isInterrupted)
    for (const [signal, heard] of Object.entries(onSignal)) process.off(signal, heard)
}

/** Never ends while a signal closes everything: what fails meanwhile fails for that, and nobody wants to hear of it. */
export async function unlessInterrupted(): Promise<void> {
  if (isInterrupted) await new Promise<never>(() => {})
}
