import type { EndSignal, Shell } from './shell.js'

/** The shell's convention for a process that a signal has ended. */
const exitCodes: Readonly<Record<EndSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

/** Ends the process now, as one that the signal has ended. */
export function exitBy(shell: Shell, signal: EndSignal): never {
  return shell.exitNow(exitCodes[signal])
}

/**
 * The first signal as a promise; a second one ends the process.
 * @param told What a parent says instead: it is a first wish, too, but never the second, because a signal to the whole group of
 *   processes reaches this one twice, directly and by way of its parent.
 */
export function signalsOf(
  shell: Shell,
  told?: Promise<string>,
): { readonly first: Promise<string>; stop(): void } {
  let heard: ((reason: string) => void) | undefined
  let count = 0
  const first = new Promise<string>(resolve => {
    heard = resolve
  })
  const stop = shell.onSignal(signal => {
    if (count++ === 0) heard?.(signal)
    else exitBy(shell, signal)
  })
  void told?.then(heard)
  return { first, stop }
}
