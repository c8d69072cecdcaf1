import type { ClientAnswer } from '@outboard/adapters-sdk/client'
import type { RpcFailure } from '../../../src/cli/mixer-client/client.js'

/** What can become of a check, as a proxy sees it. Every check that is sent ends as exactly one of these. */
export type Fate =
  /** Allowed, as the adapter would. */
  | 'allowed'
  /** Denied by the adapter, as it should. */
  | 'denied'
  /** Allowed though the adapter would have denied: only the policy `open` may do that. */
  | 'let-through'
  /** Denied because the handler could not be asked: the policy `closed`. */
  | 'shut-out'
  /** The host answered that it does not know: the proxy's own fail policy decides. */
  | 'undecided'
  /** The host was not there, or said that it takes nothing new. */
  | 'no-host'
  /** An answer that nobody may give: another request's, or a code that is not explained by anything. */
  | 'wrong'
  /** No answer at all before the caller lost patience. */
  | 'hung'

const unavailable = 14
const permissionDenied = 7
const deadlineExceeded = 4
const internal = 13

/** How long a caller waits: far beyond every deadline of the host, so that a check which is not answered shows. */
export const callerPatienceMs = 30_000

/** What became of a check of `path`. */
export function fateOf(path: string, answer: ClientAnswer | RpcFailure): Fate {
  if ('rpcCode' in answer) {
    switch (answer.rpcCode) {
      case deadlineExceeded:
        return 'hung'
      case unavailable:
        return 'no-host'
      case internal:
        return 'undecided'
      default:
        return 'wrong'
    }
  }
  const { precondition } = answer
  const shouldDeny = path.startsWith('/deny')
  switch (precondition?.code) {
    case 0:
      return shouldDeny ? 'let-through' : 'allowed'
    case unavailable:
      return precondition.message.includes('could not be asked') ? 'shut-out' : 'wrong'
    case permissionDenied:
      return shouldDeny && precondition.message.endsWith(`no ${path}`) ? 'denied' : 'wrong'
    default:
      return 'wrong'
  }
}

/** Counts fates. */
export class Tally {
  sent = 0
  readonly #fates = new Map<Fate, number>()
  readonly oddities: string[] = []

  add(fate: Fate, about: string): void {
    this.#fates.set(fate, this.of(fate) + 1)
    if ((fate === 'wrong' || fate === 'hung') && this.oddities.length < 5) this.oddities.push(about)
  }

  of(...fates: readonly Fate[]): number {
    return fates.reduce((sum, fate) => sum + (this.#fates.get(fate) ?? 0), 0)
  }

  /** Answered by the adapter, rightly. */
  get right(): number {
    return this.of('allowed', 'denied')
  }

  get answered(): number {
    return [...this.#fates.values()].reduce((sum, count) => sum + count, 0)
  }

  print(): string {
    const fates = [...this.#fates].map(([fate, count]) => `${fate} ${count}`)
    return `sent ${this.sent}: ${fates.sort().join(', ')}`
  }
}
