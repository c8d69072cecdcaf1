import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** What is kept of a process's output, characters; the latest. */
const maxKept = 200_000
/** Longest wait for a process to say something. */
const saysWithinMs = 30_000
/** Longest wait for a process to end by itself. */
const endsWithinMs = 10_000

/** A process of a test's own. It is ended by its pid, and nothing else is. */
export class Child {
  readonly #process: ChildProcess
  readonly #name: string
  #output = ''
  #listeners: (() => void)[] = []

  constructor(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#name = `${file.split('/').at(-1)} ${args.slice(0, 5).join(' ')}`
    this.#process = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8')
      stream?.on('data', (text: string) => this.#said(text))
    }
    this.#process.on('error', error => this.#said(`\n${error.message}\n`))
    // A test that ends before its teardown (a time limit) leaves nothing behind.
    const abandon = () => this.#process.kill('SIGKILL')
    process.once('exit', abandon)
    this.#process.on('exit', (code, signal) => {
      process.removeListener('exit', abandon)
      this.#said(`\nended: ${code ?? signal}\n`)
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** Everything it printed, latest last. */
  get output(): string {
    return this.#output
  }

  get ended(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  /** Resolves when its output matches. */
  says(wanted: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${this.#name} did not say ${wanted}:\n${this.#output}`)),
        saysWithinMs,
      )
      const look = () => {
        const found = wanted.exec(this.#output)
        if (found !== null) resolve(found)
        else if (this.ended) reject(new Error(`${this.#name} ended:\n${this.#output}`))
        else {
          this.#listeners.push(look)
          return
        }
        clearTimeout(late)
      }
      look()
    })
  }

  /** Ends it with a signal, and waits until it has ended; what does not end is killed. Safe twice. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.ended || this.#process.pid === undefined) return
    const late = setTimeout(() => this.#process.kill('SIGKILL'), endsWithinMs)
    const exited = once(this.#process, 'exit')
    this.#process.kill(signal)
    await exited
    clearTimeout(late)
  }

  #said(text: string): void {
    this.#output = (this.#output + text).slice(-maxKept)
    const listeners = this.#listeners
    this.#listeners = []
    for (const look of listeners) look()
  }
}
