import { systemClock } from '../../mixer/engine/index.js'
import { Exit, type ExitCode } from '../exit.js'
import type { Shell } from '../shell.js'
import { signalsOf } from '../signals.js'
import { suitHeap } from './heap.js'
import { createHost } from './host.js'
import { hostOrSignal } from './making.js'
import type { ServeOptions } from './option-table.js'
import type { Reaching } from './placements.js'

/** `outboard serve`: until a signal ends it. The first one drains, the second stops at once. */
export async function runServe(
  shell: Shell,
  options: ServeOptions,
  reaching: Reaching = {},
): Promise<ExitCode> {
  if (options.processes > 1) {
    const { leave, parentSays, runWorkers, workerOptions } = await import('./workers.js')
    const own = workerOptions(shell.env, options)
    if (own === undefined) return runWorkers(shell, options)
    return runHost(shell, own, reaching, parentSays()).finally(leave)
  }
  return runHost(shell, options, reaching)
}

async function runHost(
  shell: Shell,
  options: ServeOptions,
  reaching: Reaching,
  told?: Promise<string>,
): Promise<ExitCode> {
  const signals = signalsOf(shell, told)
  suitHeap()
  // While adapters are dialled nothing else may keep the process alive: no door is open yet, perhaps no admin port.
  const alive = setInterval(() => {}, 2 ** 30)
  try {
    const host = await hostOrSignal(createHost(shell, options, reaching), {
      shell,
      clock: systemClock,
      signal: signals.first,
      graceMs: options.drainTimeout,
    })
    if (host === undefined) return Exit.done
    const starting = host.start()
    // A failure that a signal has overtaken is nobody's business any more.
    starting.catch(() => {})
    try {
      await Promise.race([starting, signals.first])
    } catch (error) {
      await host.drain('start failed')
      throw error
    }
    await host.drain(await signals.first)
    return Exit.done
  } finally {
    clearInterval(alive)
    signals.stop()
  }
}
