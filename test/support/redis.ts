import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'

/** Why the suites against a real Redis are skipped here; undefined when it is there. */
export const noRedis: string | undefined =
  spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'redis-server is not installed here'

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  server.close()
  await once(server, 'close')
  return port
}

/** A redis-server of a test's own, on loopback, without persistence. */
export class RedisServer {
  #process: ChildProcess | undefined

  constructor(
    readonly port: number,
    private readonly dir: string,
    private readonly args: readonly string[] = [],
  ) {}

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  async start(): Promise<this> {
    const args = [...this.args]
    const own = [
      '--port',
      String(this.port),
      '--bind',
      '127.0.0.1',
      '--dir',
      this.dir,
      '--save',
      '',
      '--appendonly',
      'no',
    ]
    // A sentinel's arguments begin with its own file.
    const first = args[0]?.endsWith('.conf') === true ? [args.shift() ?? ''] : []
    this.#process = spawn('redis-server', [...first, ...own, ...args], { stdio: 'ignore' })
    await this.answers()
    return this
  }

  /** Resolves when it answers, within ten seconds. */
  async answers(): Promise<void> {
    for (let left = 200; left > 0; left--) {
      const probe = new Redis(this.url, {
        lazyConnect: true,
        retryStrategy: () => null,
        maxRetriesPerRequest: 0,
      })
      probe.on('error', () => {})
      try {
        await probe.connect()
        await probe.ping()
        return
      } catch {
        await new Promise(resolve => setTimeout(resolve, 50))
      } finally {
        probe.disconnect()
      }
    }
    throw new Error(`redis-server on port ${this.port} does not answer`)
  }

  /** Runs one command on it. */
  async run(command: string, ...args: (string | number)[]): Promise<unknown> {
    const client = new Redis(this.url)
    try {
      return await client.call(command, ...args)
    } finally {
      client.disconnect()
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal)
  }

  async stop(): Promise<void> {
    const running = this.#process
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    running.kill('SIGKILL')
    await once(running, 'exit')
  }
}

/** Asks again until it holds, within ten seconds; for what happens in other processes. */
export async function eventually(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (let left = 400; left > 0; left--) {
    if (await holds()) return
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  throw new Error(`not so within ten seconds: ${what}`)
}
