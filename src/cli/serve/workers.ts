import cluster, { type Worker } from 'node:cluster'
import { isIPv6 } from 'node:net'
import { CliError } from '../errors.js'
import { Exit, type ExitCode } from '../exit.js'
import type { Shell } from '../shell.js'
import { exitBy } from '../signals.js'
import { noAdmin, parseAdminAddress } from './admin-address.js'
import type { ServeOptions } from './option-table.js'
import { indexVariable, workerIndex } from './worker-index.js'

/** A worker that ends by itself sooner than this after its start is not started again: it would only fail again. */
const stableMs = 5_000

/** The options of this process when it is one of several behind one address; undefined when it is not. */
export function workerOptions(env: Shell['env'], options: ServeOptions): ServeOptions | undefined {
  if (!cluster.isWorker) return undefined
  return { ...options, admin: adminOf(options.admin, workerIndex(env)) }
}

/** Lets go of the parent, whose channel would keep this process alive. */
export function leave(): void {
  cluster.worker?.disconnect()
}

/**
 * What ends this worker besides signals of its own: the word of its parent, or that the parent has gone. Cluster would end the
 * process then, at once and as if all were well, with everything under way and every report in memory lost.
 */
export function parentSays(): Promise<string> {
  return new Promise(resolve => {
    process.on('message', message => {
      if (isDrain(message)) resolve(message.drain)
    })
    const { worker } = cluster
    worker?.once('disconnect', () => {
      worker.exitedAfterDisconnect = true
      resolve('the parent has gone')
    })
  })
}

/** Parent to worker: drain, for this reason. Not a signal, of which a worker may have heard already. */
interface Drain {
  readonly drain: string
}

function isDrain(message: unknown): message is Drain {
  return (
    typeof message === 'object' && message !== null && 'drain' in message && typeof message.drain === 'string'
  )
}

/**
 * Several processes behind one address. Each is a whole host; the socket is shared, and connections are dealt out in turn,
 * because proxies keep theirs for long. The n-th worker's admin port is n higher than the first's, because metrics are
 * each process's own.
 * @throws {CliError} `CLI_BAD_OPTION` for a Unix socket, or admin ports that cannot be
 */
export async function runWorkers(shell: Shell, options: ServeOptions): Promise<ExitCode> {
  if (options.address.startsWith('unix:'))
    throw new CliError(
      'CLI_BAD_OPTION',
      'Cannot share a Unix socket between processes: use a TCP address with --processes',
    )
  const lastAdmin = adminOf(options.admin, options.processes - 1)
  if (lastAdmin !== noAdmin) parseAdminAddress(lastAdmin) // refused once, and not by each of them
  cluster.schedulingPolicy = cluster.SCHED_RR
  const workers = new Workers(options.processes)
  let signals = 0
  const stopListening = shell.onSignal(signal => {
    if (signals++ === 0) return workers.drain(signal)
    workers.kill()
    exitBy(shell, signal)
  })
  const code = await workers.ended
  stopListening()
  return code
}

/** The worker processes; one that dies is replaced, until they are told to stop. */
class Workers {
  /** When the last one has ended. */
  readonly ended: Promise<ExitCode>
  readonly #living = new Set<Worker>()
  #stopping = false
  #code: ExitCode = Exit.done
  #end: ((code: ExitCode) => void) | undefined

  constructor(count: number) {
    this.ended = new Promise(resolve => {
      this.#end = resolve
    })
    for (let index = 0; index < count; index++) this.#fork(index)
  }

  drain(reason: string): void {
    this.#stopping = true
    const message: Drain = { drain: reason }
    for (const worker of this.#living) if (worker.isConnected()) worker.send(message)
  }

  kill(): void {
    for (const worker of this.#living) worker.process.kill('SIGKILL')
  }

  #fork(index: number): void {
    const worker = cluster.fork({ [indexVariable]: String(index) })
    const startedAt = Date.now()
    this.#living.add(worker)
    worker.on('error', () => {}) // one that cannot be told anything any more is about to end
    worker.once('exit', code => {
      this.#living.delete(worker)
      if (this.#stopping) {
        // Ended by a signal, it has no code: what it had to deliver is lost, too.
        if (code !== 0) this.#code = Exit.failed
      } else if (Date.now() - startedAt >= stableMs) this.#fork(index)
      else {
        this.#code = Exit.failed
        this.drain('a process did not live long')
      }
      if (this.#living.size === 0) this.#end?.(this.#code)
    })
  }
}

function adminOf(admin: string, index: number): string {
  if (admin === noAdmin) return admin
  const { host, port } = parseAdminAddress(admin)
  return port === 0 ? admin : `${isIPv6(host) ? `[${host}]` : host}:${port + index}`
}
