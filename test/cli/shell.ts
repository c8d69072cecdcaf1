import type { EndSignal, Shell } from '../../src/cli/shell.js'

/** A terminal that remembers what was printed, and whose signals a test sends. */
export class TestShell implements Shell {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly interactive = false
  stdout = ''
  stderr = ''
  readonly #signalled = new Set<(signal: EndSignal) => void>()
  readonly #waiting: { readonly wanted: RegExp; readonly found: (match: RegExpExecArray) => void }[] = []

  constructor(env: Readonly<Record<string, string | undefined>> = {}) {
    this.env = env
  }

  out = (text: string): void => {
    this.stdout += text
    for (const { wanted, found } of this.#waiting) {
      const match = wanted.exec(this.stdout)
      if (match !== null) found(match)
    }
  }

  err = (text: string): void => {
    this.stderr += text
    for (const { wanted, found } of this.#waiting) {
      const match = wanted.exec(this.stderr)
      if (match !== null) found(match)
    }
  }

  /** Resolves when the output, or the error output, matches. */
  printed(wanted: RegExp): Promise<RegExpExecArray> {
    const match = wanted.exec(this.stdout) ?? wanted.exec(this.stderr)
    if (match !== null) return Promise.resolve(match)
    return new Promise(found => this.#waiting.push({ wanted, found }))
  }

  onSignal(callback: (signal: EndSignal) => void): () => void {
    this.#signalled.add(callback)
    return () => this.#signalled.delete(callback)
  }

  signal(signal: EndSignal): void {
    for (const callback of this.#signalled) callback(signal)
  }

  readonly #faulted = new Set<(fault: 'unhandled rejection' | 'uncaught exception', error: unknown) => void>()

  onFault(
    callback: (fault: 'unhandled rejection' | 'uncaught exception', error: unknown) => void,
  ): () => void {
    this.#faulted.add(callback)
    return () => this.#faulted.delete(callback)
  }

  fault(fault: 'unhandled rejection' | 'uncaught exception', error: unknown): void {
    for (const callback of this.#faulted) callback(fault, error)
  }

  exitNow(code: number): never {
    throw new Error(`the process would end with ${code}`)
  }
}
