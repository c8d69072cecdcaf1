import cluster from 'node:cluster'
import { CliError } from '../errors.js'
import { Exit, type ExitCode } from '../exit.js'
import type { Shell } from '../shell.js'
import type { ServeOptions } from './option-table.js'

/** Workers that end by themselves sooner than this after their start are not started again. */
const stableMs = 5_000

/** Whether this process is one of several behind one address. */
export function isWorker(): boolean {
  return cluster.isWorker
}

/**
 * Several processes behind one address. Each is a whole host; the operating system's socket is shared, and connections
 * are dealt out. The n-th worker's admin port is n higher than the first's, because metrics are each process's own.
 */
export async function runWorkers(shell: Shell, options: ServeOptions): Promise<ExitCode> {
  if (options.address.startsWith('unix:'))
    throw new CliError(
      'CLI_BAD_OPTION',
      'Cannot share a Unix socket between processes: use a TCP address with --processes',
    )
  // Connections of proxies live long, so that dealing them out in turn is what spreads the load.
  cluster.schedulingPolicy = cluster.SCHED_RR
  let stopping = false
  let failed = false
  const startedAt = new Map<number, number>()
  const fork = (index: number) => {
    const worker = cluster.fork({ OUTBOARD_ADMIN: adminOf(options.admin, index) })
    startedAt.set(worker.id, Date.now())
    worker.on('exit', () => {
      if (stopping) return
      if (Date.now() - (startedAt.get(worker.id) ?? 0) >= stableMs) fork(index)
      else {
        failed = true
        stop('SIGTERM')
      }
    })
  }
  const stop = (signal: NodeJS.Signals) => {
    stopping = true
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(signal)
  }
  for (let index = 0; index < options.processes; index++) fork(index)
  let signals = 0
  const stopListening = shell.onSignal(signal => {
    if (signals++ > 0) shell.exitNow(signal === 'SIGINT' ? 130 : 143)
    stop(signal)
  })
  await new Promise<void>(resolve => {
    const check = () => {
      if (stopping && Object.keys(cluster.workers ?? {}).length === 0) resolve()
    }
    cluster.on('exit', check)
  })
  stopListening()
  return failed ? Exit.failed : Exit.done
}

function adminOf(admin: string, index: number): string {
  const colon = admin.lastIndexOf(':')
  const port = Number(admin.slice(colon + 1))
  return admin === 'off' || port === 0 ? admin : `${admin.slice(0, colon)}:${port + index}`
}
