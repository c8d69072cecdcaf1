import type {
  Adapter,
  AdapterHost,
  Call,
  FieldRecord,
  Handler,
  Instance,
  Value,
} from '@outboard/adapters-sdk'
import type { Timers } from '../../../src/adapters/timers.js'

/** A clock and its timers; nothing happens unless a test lets time pass. */
export class ManualTime implements Timers {
  #waiting: { atMs: number; callback: () => void }[] = []

  #armed: number[] = []

  constructor(public nowMs = 1_700_000_000_000) {}

  after(delayMs: number, callback: () => void): () => void {
    this.#armed.push(delayMs)
    const entry = { atMs: this.nowMs + delayMs, callback }
    this.#waiting.push(entry)
    return () => {
      this.#waiting = this.#waiting.filter(other => other !== entry)
    }
  }

  /** Timers that have not fired and were not cancelled. */
  get pending(): number {
    return this.#waiting.length
  }

  /** Resolves once `count` timers of this delay were set in all. */
  async armed(delayMs: number, count: number): Promise<void> {
    while (this.#armed.filter(delay => delay === delayMs).length < count) {
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  /** Lets time pass, firing timers in order. */
  advance(ms: number): void {
    const end = this.nowMs + ms
    for (;;) {
      const next = this.#waiting.filter(entry => entry.atMs <= end).sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      this.#waiting = this.#waiting.filter(entry => entry !== next)
      this.nowMs = Math.max(this.nowMs, next.atMs)
      next.callback()
    }
    this.nowMs = end
  }
}

/** A host that remembers what a handler said to it. */
export class FakeHost implements AdapterHost {
  readonly logged: string[] = []
  readonly invalidated: (string | undefined)[] = []
  instances: AdapterHost['instances'] = []
  #waiting: (() => void)[] = []

  constructor(
    readonly time = new ManualTime(),
    readonly handler = 'h.handler.test',
  ) {}

  readonly now = (): number => this.time.nowMs

  log(level: 'debug' | 'info' | 'warn' | 'error', message: string): void {
    this.logged.push(`${level}: ${message}`)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  invalidate(key?: string): void {
    this.invalidated.push(key)
  }

  /** Resolves once the handler has logged `count` lines in all. */
  async loggedAtLeast(count: number): Promise<void> {
    while (this.logged.length < count) await new Promise<void>(wake => this.#waiting.push(wake))
  }
}

/** A call without a deadline. */
export function callWith(dedupId = ''): Call {
  return { dedupId, deadline: Infinity, traceparent: undefined, signal: new AbortController().signal }
}

export function instanceOf(template: string, name: string, fields: FieldRecord = {}): Instance {
  return { template, name, fields }
}

export const text = (value: string): Value => ({ type: 'STRING', value })
export const int = (value: bigint | number): Value => ({ type: 'INT64', value: BigInt(value) })
export const double = (value: number): Value => ({ type: 'DOUBLE', value })
export const ip = (...bytes: number[]): Value => ({ type: 'IP_ADDRESS', value: Uint8Array.from(bytes) })
export const duration = (nanos: bigint): Value => ({ type: 'DURATION', value: nanos })

/** What `promise` was rejected with; an error when it was not. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
  throw new Error('expected a rejection')
}

/** Opens handlers of an adapter and closes them when the test is over. */
export function opener(t: { teardown(fn: () => unknown): unknown }, adapter: Adapter) {
  return async (settings: unknown, host: AdapterHost = new FakeHost()): Promise<Handler> => {
    const handler = await adapter.open(settings, host)
    t.teardown(() => handler.close())
    return handler
  }
}
