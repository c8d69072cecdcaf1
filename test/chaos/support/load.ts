import { MixerConnection } from '../../../src/cli/mixer-client/client.js'
import { callerPatienceMs, fateOf, Tally } from './tally.js'

/** A constant load on a host's door. */
export interface LoadPlan {
  /** Address of the Mixer door. */
  readonly mixer: string
  /** Each gate gets a check stream of its own. */
  readonly gates: readonly string[]
  /** Checks of each gate in one burst; a burst every twenty milliseconds. Default: 2. */
  readonly checksInBurst?: number
  /** Reports in one burst; 0: none. Default: 1. */
  readonly reportsInBurst?: number
}

/** Requests come whether or not earlier ones are answered, as from many proxies. */
const burstEveryMs = 20
/** Answers that one gate's stream waits for at once; beyond it pauses, so that a stall does not bury the machine. */
const maxOutstanding = 100
/** Different questions; small, so that a last answer is known for each soon. */
const paths = 16

/** Checks and reports through the real door, at a constant rate until told to stop. */
export class Load {
  readonly checks: ReadonlyMap<string, Tally>
  /** Reports that the host answered with "taken": their ids. */
  readonly taken = new Set<string>()
  /** Reports that the host did not take. */
  readonly refused = new Set<string>()
  reportsSent = 0
  readonly #plan: Required<LoadPlan>
  readonly #connection: MixerConnection
  readonly #underWay = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(plan: LoadPlan) {
    this.#plan = { checksInBurst: 2, reportsInBurst: 1, ...plan }
    this.#connection = new MixerConnection({
      address: plan.mixer,
      tls: undefined,
      timeoutMs: callerPatienceMs,
      traceparent: undefined,
    })
    this.checks = new Map(plan.gates.map(gate => [gate, new Tally()]))
  }

  start(): this {
    this.#timer = setInterval(() => this.#burst(), burstEveryMs)
    return this
  }

  /** Sends nothing more; resolves when everything that was sent has its answer. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#connection.close()
  }

  of(gate: string): Tally {
    const tally = this.checks.get(gate)
    if (tally === undefined) throw new TypeError(`the load has no gate "${gate}"`)
    return tally
  }

  print(): string {
    const checks = [...this.checks].map(([gate, tally]) => `${gate}: ${tally.print()}`)
    const reports = `reports: sent ${this.reportsSent}, taken ${this.taken.size}, refused ${this.refused.size}`
    return [...checks, reports].join(' | ')
  }

  #burst(): void {
    for (const [gate, tally] of this.checks)
      for (let i = 0; i < this.#plan.checksInBurst; i++)
        if (tally.sent - tally.answered < maxOutstanding) this.#track(this.#check(gate, tally))
    if (this.reportsSent - this.taken.size - this.refused.size >= maxOutstanding) return
    for (let i = 0; i < this.#plan.reportsInBurst; i++) this.#track(this.#report())
  }

  #track(work: Promise<void>): void {
    this.#underWay.add(work)
    void work.then(() => this.#underWay.delete(work))
  }

  async #check(gate: string, tally: Tally): Promise<void> {
    const number = tally.sent % paths
    const path = `${number % 2 === 0 ? '/allow' : '/deny'}/${number}`
    tally.sent += 1
    const answer = await this.#connection.check({
      attributes: {
        'destination.service.name': { type: 'STRING', value: gate },
        'request.path': { type: 'STRING', value: path },
      },
    })
    tally.add(fateOf(path, answer), `${path}: ${JSON.stringify(answer, printable)}`)
  }

  async #report(): Promise<void> {
    const id = `r${this.reportsSent++}`
    const failure = await this.#connection.report({
      sets: [
        {
          'destination.service.name': { type: 'STRING', value: 'ledger' },
          'request.id': { type: 'STRING', value: id },
        },
      ],
    })
    if (failure === undefined) this.taken.add(id)
    else this.refused.add(id)
  }
}

function printable(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
