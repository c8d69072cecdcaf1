import { type Adapter, builtinTemplate, encodeInstance } from '@outboard/adapters-sdk'
import {
  type AdapterFrame,
  AdapterProcess,
  AdapterSession,
  decodeAdapterFrame,
  defaultLimits,
  encodeHostFrame,
  HandlerPool,
  type HostFrame,
  type HostHello,
  resolveSessionOptions,
  type SessionOptions,
  type WireCall,
} from '@outboard/adapters-sdk/protocol'
import { ManualClock } from '../../support/manual-clock.js'
import { hello } from './raw-host.js'

/** The host's end of a session in memory: what the adapter wrote, and a switch that makes the pipe full. */
export class MemorySession {
  readonly frames: AdapterFrame[] = []
  readonly session: AdapterSession
  full = false
  paused = false
  ended = false

  constructor(process: AdapterProcess, pool: HandlerPool, clock: ManualClock, options: SessionOptions) {
    const pipe = {
      write: (bytes: Buffer) => {
        const frame = decodeAdapterFrame(bytes, defaultLimits)
        if (frame !== undefined) this.frames.push(frame)
        return !this.full
      },
      pause: () => {
        this.paused = true
      },
      resume: () => {
        this.paused = false
      },
      end: () => {
        this.ended = true
      },
    }
    const resolved = resolveSessionOptions({ clock, ...options }, { name: 'staged', version: '1' })
    this.session = new AdapterSession(process, pool, pipe, resolved)
  }

  send(...frames: HostFrame[]): this {
    for (const frame of frames) this.session.receive(encodeHostFrame(frame))
    return this
  }

  /** What was written since the last time. */
  take(): AdapterFrame[] {
    return this.frames.splice(0)
  }

  /** Says hello and configures handler 1; gives the frames up to `ready`. */
  async open(settings: unknown = { allowed: ['ada'] }, said: HostHello = hello): Promise<AdapterFrame[]> {
    this.send(said, configure(1, 1, settings))
    await settled()
    return this.take()
  }
}

/** A process of one adapter, its handlers, and a clock for all its sessions. */
export function memoryProcess(adapter: Adapter, lingerMs = 0) {
  const clock = new ManualClock()
  const process = new AdapterProcess([adapter])
  const failures: unknown[] = []
  const closeFailed = (_id: string, thrown: unknown) => failures.push(thrown)
  const pool = new HandlerPool({ clock, lingerMs, maxLingering: 2, closeFailed })
  const open = (options: SessionOptions = {}) => new MemorySession(process, pool, clock, options)
  return { clock, pool, open, failures }
}

/** Lets everything that can happen now happen, and the results of this turn leave. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise(resolve => setImmediate(resolve))
}

export function configure(handler: number, generation: number, settings: unknown, adapter = ''): HostFrame {
  const id = `h${handler}.handler.ns`
  return {
    kind: 'configure',
    handler,
    generation,
    id,
    adapter,
    settings: JSON.stringify(settings),
    instances: [],
  }
}

const listentry = builtinTemplate('listentry')

/** A check of `listentry`, which the staged adapter announces as template 1. */
export function check(id: number, value: string, more: Partial<WireCall> = {}): WireCall {
  if (listentry === undefined) throw new Error('listentry is gone')
  const fields = { value: { type: 'STRING', value } } as const
  const instance = encodeInstance(listentry, { name: 'i.instance.ns', template: 'listentry', fields })
  return {
    id,
    handler: 1,
    generation: 1,
    template: 1,
    verb: 'check',
    deadlineMs: 0,
    dedupId: '',
    traceparent: '',
    instances: [instance],
    quota: undefined,
    ...more,
  }
}

export function calls(...list: WireCall[]): HostFrame {
  return { kind: 'calls', calls: list }
}
