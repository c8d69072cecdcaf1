import type { Shell } from './shell.js'

/** The first signal as a promise; a second one ends the process. */
export function signalsOf(shell: Shell): { readonly first: Promise<string>; stop(): void } {
  let heard: ((signal: string) => void) | undefined
  let count = 0
  const first = new Promise<string>(resolve => {
    heard = resolve
  })
  const stop = shell.onSignal(signal => {
    if (count++ === 0) heard?.(signal)
    // The shell's convention for a process that a signal has ended.
    else shell.exitNow(signal === 'SIGINT' ? 130 : 143)
  })
  return { first, stop }
}
