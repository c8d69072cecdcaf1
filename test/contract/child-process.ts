import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The contract adapter in a process of its own. */
export class AdapterProcess {
  readonly address: string
  readonly #child: ChildProcess
  readonly #exited: Promise<void>

  private constructor(child: ChildProcess, address: string) {
    this.#child = child
    this.address = address
    this.#exited = new Promise(resolve => child.once('exit', () => resolve()))
  }

  static async start(address: string): Promise<AdapterProcess> {
    const file = fileURLToPath(
      new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url),
    )
    const child = fork(file, [address])
    const told = await new Promise<unknown>((resolve, reject) => {
      child.once('message', resolve)
      child.once('exit', code => reject(new Error(`the adapter process ended with ${code}`)))
    })
    return new AdapterProcess(child, String(told))
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal)
    await this.#exited
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }
}
