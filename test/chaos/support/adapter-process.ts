import { type ChildProcess, fork } from 'node:child_process'
import type { AdapterFacts, ToAdapter } from './adapter.js'
import type { AdapterStart } from './adapter-child.js'
import { program } from './program.js'

/** An adapter as a process of its own, which a test may kill, stop, slow and ask. */
export class AdapterProcess {
  readonly address: string
  readonly exited: Promise<number | null>
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, address: string) {
    this.#child = child
    this.address = address
    this.exited = new Promise(resolve => child.once('exit', code => resolve(code)))
  }

  static async start(start: AdapterStart): Promise<AdapterProcess> {
    const child = fork(program('adapter-child'), [JSON.stringify(start)])
    const address = await told(child, 'listening', message => message.address)
    return new AdapterProcess(child, String(address))
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  slow(ms: number): void {
    this.#say({ kind: 'slow', ms })
  }

  /** What it knows; needs an adapter that is not stopped. */
  facts(): Promise<AdapterFacts> {
    const answer = told(this.#child, 'facts', message => message.facts)
    this.#say({ kind: 'tell' })
    return answer.then(facts => facts ?? { checks: 0, underWay: 0 })
  }

  #say(message: ToAdapter): void {
    this.#child.send(JSON.stringify(message))
  }
}

interface Message {
  readonly kind: string
  readonly address?: string
  readonly facts?: AdapterFacts
}

/** The next message of a kind; fails when the process ends before. */
function told<Part>(child: ChildProcess, kind: string, part: (message: Message) => Part): Promise<Part> {
  return new Promise((resolve, reject) => {
    const done = () => {
      child.off('message', heard)
      child.off('exit', ended)
    }
    const heard = (raw: unknown) => {
      const message: Message = JSON.parse(String(raw))
      if (message.kind !== kind) return
      done()
      resolve(part(message))
    }
    const ended = (code: number | null) => {
      done()
      reject(new Error(`an adapter process ended with ${code} before it said "${kind}"`))
    }
    child.on('message', heard)
    child.on('exit', ended)
  })
}
