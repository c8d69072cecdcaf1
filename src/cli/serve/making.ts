import type { Clock } from '../../mixer/engine/ports.js'
import { Exit } from '../exit.js'
import type { Shell } from '../shell.js'

/** All that a host which is not wanted any more needs to do. */
interface Drainable {
  drain(reason: string): Promise<void>
}

interface Making {
  readonly shell: Shell
  readonly clock: Clock
  /** The first signal, when it comes. */
  readonly signal: Promise<string>
  /** How long a host that is told to end may still take until it is made, milliseconds. */
  readonly graceMs: number
}

/**
 * The host, as soon as it is made. undefined: a signal came before, and nothing of it is left. One that is not made within the grace
 * (a disk that does not answer) ends the process, because whatever it waits for would keep it alive.
 * @throws what making it throws, unless a signal came before: then it is nobody's business any more
 */
export async function hostOrSignal<Host extends Drainable>(
  making: Promise<Host>,
  { shell, clock, signal, graceMs }: Making,
): Promise<Host | undefined> {
  const first = await Promise.race([making, signal])
  if (typeof first !== 'string') return first
  let cancel = () => {}
  const late = new Promise<'late'>(resolve => {
    cancel = clock.after(graceMs, () => resolve('late'))
  })
  const unwanted = await Promise.race([making.catch(() => undefined), late])
  cancel()
  if (unwanted === 'late') return shell.exitNow(Exit.failed)
  await unwanted?.drain(first)
  return undefined
}
