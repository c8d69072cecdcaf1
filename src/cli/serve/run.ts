import { Exit, type ExitCode } from '../exit.js'
import type { Shell } from '../shell.js'
import { signalsOf } from '../signals.js'
import { createHost } from './host.js'
import type { ServeOptions } from './option-table.js'

/** `outboard serve`: until a signal ends it. The first one drains, the second stops at once. */
export async function runServe(shell: Shell, options: ServeOptions): Promise<ExitCode> {
  const { isWorker, runWorkers } = await import('./workers.js')
  if (options.processes > 1 && !isWorker()) return runWorkers(shell, options)
  const signals = signalsOf(shell)
  try {
    const host = await createHost(shell, options)
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
    signals.stop()
  }
}
