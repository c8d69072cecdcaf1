import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CliError } from '../errors.js'
import { Exit, type ExitCode } from '../exit.js'
import { createHost, type Host } from '../serve/host.js'
import { resolveServeOptions } from '../serve/resolve.js'
import type { Shell } from '../shell.js'
import { signalsOf } from '../signals.js'
import { type AdapterProcess, startAdapterProcess } from './adapter-process.js'
import { type ConfigCopy, copyConfig } from './config-copy.js'
import { freeAddress } from './free-port.js'
import { show } from './show.js'

export interface DemoOptions {
  /** End after the show. */
  readonly once: boolean
}

/** The adapters of examples/config, and the addresses that stand there. */
const adapters = [
  { name: 'listchecker', example: '127.0.0.1:9101', about: 'who may call' },
  { name: 'memquota', example: '127.0.0.1:9102', about: 'how often' },
] as const

const doorPort = 9091
const adminPort = 15014
/** Longest wait for the host to be ready. */
const readyMs = 15_000

/** `outboard demo`: everything that stands in the README's picture, running. */
export async function runDemo(shell: Shell, { once }: DemoOptions): Promise<ExitCode> {
  const signals = signalsOf(shell)
  const demo = new Demo(shell)
  try {
    const ended = demo.start().then(async () => {
      if (!once) await demo.goOn(signals.first)
    })
    await Promise.race([ended, signals.first])
    return Exit.done
  } finally {
    await demo.stop()
    signals.stop()
  }
}

class Demo {
  readonly #shell: Shell
  readonly #script = process.argv[1] ?? ''
  #processes: AdapterProcess[] = []
  #config: ConfigCopy | undefined
  #host: Host | undefined

  constructor(shell: Shell) {
    this.#shell = shell
  }

  async start(): Promise<void> {
    const say = (text: string) => this.#shell.out(text)
    say('Outboard: a host, and two adapters that run as processes of their own.\n\n')
    const started = await Promise.allSettled(
      adapters.map(({ name }) => startAdapterProcess(name, this.#script)),
    )
    this.#processes = started.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
    for (const one of started) if (one.status === 'rejected') throw one.reason
    const places = adapters.map(
      ({ example }, i) => [example, this.#processes[i]?.address ?? example] as const,
    )
    this.#config = await copyConfig(examples('config'), new Map(places))
    const host = await this.#startHost(this.#config.folder)
    const address = host.addresses[0] ?? ''
    const adminAddress = host.adminAddress ?? ''
    adapters.forEach(({ name, about }, i) => {
      const { pid, address: at } = this.#processes[i] ?? { pid: 0, address: '' }
      say(`  ${name.padEnd(13)}process ${String(pid).padEnd(8)}${at.padEnd(18)}${about}\n`)
    })
    say(
      `  ${'host'.padEnd(13)}process ${String(process.pid).padEnd(8)}${address.padEnd(18)}asked by proxies\n`,
    )
    await this.#ready(adminAddress)
    const wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
    await show({ address, adminAddress, requests: examples('requests'), say, wait })
  }

  /** Says what to try, and stays. */
  async goOn(end: Promise<string>): Promise<void> {
    this.#shell.out(this.#next(this.#host?.addresses[0] ?? '', this.#host?.adminAddress ?? ''))
    await end
  }

  async stop(): Promise<void> {
    await this.#host?.drain('the demo ends')
    await Promise.all(this.#processes.map(adapter => adapter.stop()))
    await this.#config?.remove()
  }

  async #startHost(config: string): Promise<Host> {
    const options = resolveServeOptions({
      flags: {
        config,
        address: await freeAddress('127.0.0.1', doorPort),
        admin: await freeAddress('127.0.0.1', adminPort),
        logLevel: 'warn',
        logFormat: 'text',
        drainTimeout: '3s',
      },
      env: {},
      settingsFile: undefined,
    })
    const host = await createHost(this.#shell, options)
    this.#host = host
    await host.start()
    return host
  }

  async #ready(adminAddress: string): Promise<void> {
    const { askAdmin } = await import('../admin-client.js')
    for (let waited = 0; ; waited += 50) {
      const { status, body } = await askAdmin(adminAddress, 'GET', '/readyz')
      if (status === 200) return
      if (waited > readyMs)
        throw new CliError('CLI_NOT_READY', `The host is not ready: ${JSON.stringify(body)}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  #next(address: string, adminAddress: string): string {
    const script = relative(process.cwd(), this.#script)
    const outboard = script.endsWith('.js') ? `node ${script}` : 'outboard'
    const mixer = address === `127.0.0.1:${doorPort}` ? '' : ` --mixer ${address}`
    const admin = adminAddress === `127.0.0.1:${adminPort}` ? '' : ` --admin ${adminAddress}`
    const requests = relative(process.cwd(), examples('requests'))
    const [list] = this.#processes
    return `
Everything keeps running. In another terminal, try:

  ${outboard} check${mixer} -f ${requests}/alice.json
  ${outboard} check${mixer} -f ${requests}/mallory.json
  ${outboard} check${mixer} -f ${requests}/alice.json -q requestcount=3
  ${outboard} report${mixer} -f ${requests}/reported.json
  ${outboard} status${admin}
  curl http://${adminAddress}/metrics
  kill -9 ${list?.pid}     # the list adapter is gone; new callers are refused, the host lives on

Ctrl-C ends it.
`
  }
}

/** One file of each folder. */
const known = { config: 'attributes.yaml', requests: 'alice.json' } as const

/** A folder below examples/. Found by one of its files, because a folder is no module. */
function examples(folder: keyof typeof known): string {
  return dirname(fileURLToPath(import.meta.resolve(`#examples/${folder}/${known[folder]}`)))
}
