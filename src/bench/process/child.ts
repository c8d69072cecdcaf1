import { type ChildProcess, spawn } from 'node:child_process'
import { extname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Fields } from './fields.js'
import type { Measured } from './measured.js'
import { type Profile, readProfile, readUsage, type Usage } from './usage.js'

/** A process of the benchmark did not do what it should. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError'
  readonly code = 'BENCH_PROCESS'
}

/** Longest wait for an answer that takes no time by itself. */
const answerMs = 30_000
/** Longest wait for a process to end by itself before it is killed. */
const stopMs = 5_000
/** Characters of its error output that are kept, for the case that it ends too soon. */
const keptOutput = 4_000

export interface ChildOptions {
  /** What it is, for errors. */
  readonly name: string
  /** The program. */
  readonly script: URL
  readonly args?: readonly string[]
  /** Options of Node, besides our own. */
  readonly nodeOptions?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** `false`: nothing is loaded before the program, and it cannot be asked anything. Default: `true`. */
  readonly probed?: boolean
}

/** A file beside another one: with the ending that the other has (`.ts` from source, `.js` compiled). */
export function sibling(path: string, from: string): URL {
  return new URL(`${path}${extname(fileURLToPath(from))}`, from)
}

interface Waiting {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** A process that measures itself: any program, with the probe loaded before it. */
export class Child implements Measured {
  readonly name: string
  readonly startedAt = performance.now()
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  readonly #lineListeners = new Set<(line: string) => void>()
  readonly #whenAnswering = new Set<() => void>()
  #isAnswering = false
  #lastId = 0
  #output = ''
  #ended: ProcessError | undefined
  readonly #endListeners = new Set<(error: ProcessError) => void>()

  constructor({ name, script, args = [], nodeOptions = [], env = {}, probed = true }: ChildOptions) {
    this.name = name
    const probe = probed ? ['--import', sibling('./probe', import.meta.url).href] : []
    this.#process = spawn(
      process.execPath,
      [...process.execArgv, ...nodeOptions, ...probe, fileURLToPath(script), ...args],
      {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: { ...process.env, ...env },
        serialization: 'advanced',
      },
    )
    this.#process.on('message', message => this.#heard(message))
    this.#process.on('error', error => this.#end(`could not be started: ${error.message}`))
    this.#process.on('exit', (code, signal) => this.#end(`ended with ${signal ?? `code ${code}`}`))
    for (const stream of [this.#process.stdout, this.#process.stderr])
      if (stream !== null) createInterface({ input: stream }).on('line', line => this.#line(line))
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** Waits for lines that it prints, until `enough` answers something. */
  printed<T>(what: string, enough: (line: string) => T | undefined, timeoutMs = answerMs): Promise<T> {
    return this.#until<T>(`print ${what}`, timeoutMs, heard => {
      const listener = (line: string) => {
        const found = enough(line)
        if (found !== undefined) heard(found)
      }
      this.#lineListeners.add(listener)
      return () => this.#lineListeners.delete(listener)
    })
  }

  /** Asks the program itself: `{ask, id, ...}`, answered by `{answered: id, answer}` or `{answered: id, failure}`. */
  async ask(
    question: string,
    body: Readonly<Record<string, unknown>>,
    timeoutMs = answerMs,
  ): Promise<unknown> {
    await this.#listening()
    return this.#put(question, id => ({ ...body, ask: question, id }), timeoutMs)
  }

  async begin(): Promise<void> {
    await this.#probe('begin')
  }

  async end(): Promise<Usage> {
    return readUsage(await this.#probe('end'))
  }

  async rssBytes(): Promise<number> {
    return Number(await this.#probe('rss'))
  }

  async beginProfile(): Promise<void> {
    await this.#probe('profile-begin')
  }

  async endProfile(): Promise<Profile> {
    return readProfile(await this.#probe('profile-end'))
  }

  /** Asks it to finish, and waits until it has. Safe twice. */
  async stop(): Promise<void> {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
      child.once('exit', () => {
        clearTimeout(timer)
        resolve()
      })
      child.kill('SIGTERM')
    })
  }

  /** Waits until the program hears questions. */
  #listening(): Promise<void> {
    if (this.#isAnswering) return Promise.resolve()
    return this.#until<void>('listen to questions', answerMs, heard => {
      this.#whenAnswering.add(heard)
      return () => this.#whenAnswering.delete(heard)
    })
  }

  /** Waits for something that `subscribe` will hear of; no longer than the process lives. */
  #until<T>(
    what: string,
    timeoutMs: number,
    subscribe: (heard: (found: T) => void) => () => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended)
      const done = () => {
        clearTimeout(timer)
        unsubscribe()
        this.#endListeners.delete(failed)
      }
      const failed = (error: Error) => {
        done()
        reject(error)
      }
      const timer = setTimeout(
        () => failed(this.#error(`did not ${what} within ${timeoutMs / 1_000} s`)),
        timeoutMs,
      )
      const unsubscribe = subscribe(found => {
        done()
        resolve(found)
      })
      this.#endListeners.add(failed)
    })
  }

  #probe(question: string): Promise<unknown> {
    return this.#put(question, id => ({ probe: question, id }), answerMs)
  }

  #put(what: string, message: (id: number) => Record<string, unknown>, timeoutMs: number): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(this.#error(`did not answer "${what}" within ${timeoutMs / 1_000} s`))
      }, timeoutMs)
      this.#waiting.set(id, { resolve, reject, timer })
      this.#process.send(message(id))
    })
  }

  #heard(message: unknown): void {
    if (typeof message !== 'object' || message === null) return
    if ('answering' in message) {
      this.#isAnswering = true
      for (const tell of [...this.#whenAnswering]) tell()
      return
    }
    const fields = new Fields(`a message of ${this.name}`, message)
    const id = fields.maybeNumber('probed') ?? fields.maybeNumber('answered')
    const waiting = id === undefined ? undefined : this.#waiting.get(id)
    if (id === undefined || waiting === undefined) return
    this.#waiting.delete(id)
    clearTimeout(waiting.timer)
    if (fields.has('failure')) waiting.reject(this.#error(fields.text('failure')))
    else waiting.resolve(fields.unknown('answer'))
  }

  #line(line: string): void {
    this.#output = `${this.#output}${line}\n`.slice(-keptOutput)
    for (const listener of this.#lineListeners) listener(line)
  }

  #end(why: string): void {
    if (this.#ended !== undefined) return
    const error = this.#error(why)
    this.#ended = error
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer)
      reject(error)
    }
    this.#waiting.clear()
    for (const listener of [...this.#endListeners]) listener(error)
  }

  #error(why: string): ProcessError {
    return new ProcessError(
      `The ${this.name} ${why}${this.#output === '' ? '' : `\n${this.#output.trimEnd()}`}`,
    )
  }
}
