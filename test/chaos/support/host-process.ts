import { type ChildProcess, spawn } from 'node:child_process'
import type { HostStart } from './host-child.js'
import { Metrics } from './metrics.js'
import { program } from './program.js'

/** An endpoint of a handler as `/status` shows it. */
export interface EndpointSeen {
  readonly address: string
  readonly state: string
  readonly reason: string
  readonly inFlight: number
  /** Milliseconds since the epoch. */
  readonly since: number
}

interface StatusSeen {
  readonly handlers: readonly {
    readonly id: string
    readonly endpoints: readonly EndpointSeen[]
    readonly reportsQueued: number
  }[]
}

/** A host as a process of its own: `outboard serve`. */
export class HostProcess {
  readonly exited: Promise<number | null>
  readonly mixer: string
  readonly admin: string
  readonly #child: ChildProcess
  readonly #log: () => string

  private constructor(child: ChildProcess, mixer: string, admin: string, log: () => string) {
    this.#child = child
    this.mixer = mixer
    this.admin = admin
    this.#log = log
    this.exited = new Promise(resolve => child.once('close', code => resolve(code)))
  }

  static async start({ flags, ...more }: HostStart): Promise<HostProcess> {
    const complete: HostStart = {
      ...more,
      flags: { address: '127.0.0.1:0', admin: '127.0.0.1:0', logFormat: 'json', ...flags },
    }
    const args = [...process.execArgv, program('host-child'), JSON.stringify(complete)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let log = ''
    let started = false
    return new Promise((resolve, reject) => {
      child.once('close', code => reject(new Error(`the host ended with ${code}: ${log}`)))
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        log += text
        const found = /\{[^\n]*"event":"listening"[^\n]*\}/.exec(log)
        if (found === null || started) return
        started = true
        const { addresses, admin } = JSON.parse(found[0])
        resolve(new HostProcess(child, addresses[0], admin, () => log))
      })
    })
  }

  /** What it has written so far. */
  get log(): string {
    return this.#log()
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async metrics(): Promise<Metrics> {
    return new Metrics(await this.#ask('/metrics'))
  }

  /** The endpoints of a handler by the first word of its name. */
  async endpoints(handler: string): Promise<readonly EndpointSeen[]> {
    const status: StatusSeen = JSON.parse(await this.#ask('/status'))
    return status.handlers.find(({ id }) => id.startsWith(`${handler}.`))?.endpoints ?? []
  }

  async #ask(path: string): Promise<string> {
    return (await fetch(`http://${this.admin}${path}`)).text()
  }

  /** Ends it: politely, so that what was left open shows; and for good when it was ended before. */
  async end(): Promise<void> {
    this.#child.kill('SIGCONT')
    this.#child.kill('SIGTERM')
    this.#child.kill('SIGTERM')
    await this.exited
  }
}
