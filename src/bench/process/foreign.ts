import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { CliError } from '../../cli/errors.js'
import type { Measured } from './measured.js'
import type { Usage } from './usage.js'

/** A process that is not ours: what Linux tells of it. Its garbage and allocations are its own secret. */
export class ForeignProcess implements Measured {
  readonly #pid: number
  readonly #ticksPerSecond: number
  #ticksBefore = 0
  #startedAt = 0

  /** @throws {CliError} `CLI_BAD_OPTION` when there is no such process, or the system is not Linux */
  constructor(pid: number) {
    this.#pid = pid
    this.#ticksPerSecond = ticksPerSecond()
    this.#ticks()
  }

  async begin(): Promise<void> {
    this.#ticksBefore = this.#ticks()
    this.#startedAt = performance.now()
  }

  async end(): Promise<Usage> {
    const ticks = this.#ticks() - this.#ticksBefore
    return {
      cpuUs: (ticks / this.#ticksPerSecond) * 1_000_000,
      wallMs: performance.now() - this.#startedAt,
      peakRssBytes: this.#residentBytes(),
      gcMs: undefined,
      allocatedBytes: undefined,
    }
  }

  /** User and system time of all its threads. Source: proc(5), the 14th and 15th field of `stat`. */
  #ticks(): number {
    const text = this.#read('stat')
    // The second field is the program's name in brackets, which may itself hold brackets and spaces.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return Number(fields[11]) + Number(fields[12])
  }

  #residentBytes(): number {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(this.#read('status'))?.[1]
    return Number(kilobytes ?? 0) * 1_024
  }

  #read(file: string): string {
    try {
      return readFileSync(`/proc/${this.#pid}/${file}`, 'utf8')
    } catch (cause) {
      throw new CliError(
        'CLI_BAD_OPTION',
        `Cannot measure process ${this.#pid}: it is not there, or this is not Linux`,
        {
          cause,
        },
      )
    }
  }
}

function ticksPerSecond(): number {
  try {
    return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  } catch {
    return 100 // what Linux has on every common machine
  }
}
