import type { ConnectionSpec, EndpointStatus } from '../../engine/ports.js'
import { messageOf } from '../failure.js'
import type { Remote } from '../options.js'
import { compare } from './compare.js'
import type { Attached, Endpoint } from './endpoint.js'
import type { EndpointPool } from './pool.js'
import { maxAnswers } from './resolver.js'
import { type Address, resolvedTarget, type Target } from './target.js'

interface Member {
  readonly target: Target
  readonly endpoint: Endpoint
}

/** What one name gave, and what became of the last look-up. */
interface Name {
  readonly address: Address & { readonly kind: 'dns' }
  /** undefined: not yet looked up. */
  problem: string | undefined
  lookedUpAt: number
  looking: boolean
  /** By resolved address. */
  members: ReadonlyMap<string, Member>
}

/**
 * The places behind a handler's addresses, each an endpoint. Names are looked up again every while, and when an
 * endpoint of theirs fails; places that are gone from the answer finish their calls.
 */
export class EndpointSet {
  readonly #handler: Attached
  readonly #connection: ConnectionSpec
  readonly #pool: EndpointPool
  readonly #remote: Remote
  readonly #fixed: readonly Member[]
  readonly #names: readonly Name[]
  #stopTimers: (() => void)[] = []
  #closed = false

  constructor(
    handler: Attached,
    addresses: readonly Address[],
    connection: ConnectionSpec,
    pool: EndpointPool,
    remote: Remote,
  ) {
    this.#handler = handler
    this.#connection = connection
    this.#pool = pool
    this.#remote = remote
    this.#fixed = addresses.flatMap(a => (a.kind === 'fixed' ? [this.#member(a.target)] : []))
    this.#names = addresses.flatMap(a => (a.kind === 'dns' ? [nameOf(a)] : []))
    for (const { endpoint } of this.#fixed) endpoint.attach(handler)
    for (const name of this.#names) this.#resolve(name)
    if (this.#names.length > 0) this.#every(remote.timing.resolveMs, () => this.#resolveAll())
    this.#every(remote.timing.compareMs, () => compare(this.endpoints(), remote.clock.now()))
  }

  endpoints(): readonly Endpoint[] {
    const members = [...this.#fixed, ...this.#names.flatMap(name => [...name.members.values()])]
    return members.map(member => member.endpoint)
  }

  /** Whether a call may wait for one of them. */
  get hopeful(): boolean {
    return (
      this.#names.some(name => name.looking && name.members.size === 0) ||
      this.endpoints().some(endpoint => endpoint.hopeful)
    )
  }

  /** Names that no place is known for. */
  unresolved(): readonly EndpointStatus[] {
    return this.#names
      .filter(name => name.members.size === 0)
      .map(name => ({
        address: name.address.text,
        state: name.looking ? ('connecting' as const) : ('down' as const),
        reason: name.problem ?? 'the name is being looked up',
        inFlight: 0,
        since: name.lookedUpAt,
      }))
  }

  /** An endpoint failed: the names may have moved. */
  suspect(): void {
    const before = this.#remote.clock.now() - this.#remote.timing.resolveAtMostEveryMs
    for (const name of this.#names) if (name.lookedUpAt <= before) this.#resolve(name)
  }

  close(): void {
    this.#closed = true
    for (const stop of this.#stopTimers) stop()
    for (const member of this.#fixed) this.#drop(member)
    for (const name of this.#names) {
      for (const member of name.members.values()) this.#drop(member)
      name.members = new Map()
    }
  }

  #member(target: Target): Member {
    return { target, endpoint: this.#pool.acquire(target, this.#connection) }
  }

  #drop(member: Member): void {
    member.endpoint.detach(this.#handler)
    this.#pool.release(member.target, this.#connection)
  }

  #every(ms: number, act: () => void): void {
    const index = this.#stopTimers.push(() => {}) - 1
    const next = () => {
      this.#stopTimers[index] = this.#remote.clock.after(ms, () => {
        act()
        if (!this.#closed) next()
      })
    }
    next()
  }

  #resolveAll(): void {
    for (const name of this.#names) this.#resolve(name)
  }

  #resolve(name: Name): void {
    if (name.looking) return
    name.looking = true
    name.lookedUpAt = this.#remote.clock.now()
    this.#remote.resolver.resolve(name.address.host).then(
      answers => this.#resolved(name, [...new Set(answers)].slice(0, maxAnswers)),
      (thrown: unknown) => this.#unresolved(name, messageOf(thrown)),
    )
  }

  #resolved(name: Name, answers: readonly string[]): void {
    name.looking = false
    if (this.#closed) return
    if (answers.length === 0) {
      this.#unresolved(name, 'the name has no addresses')
      return
    }
    name.problem = undefined
    const before = name.members
    name.members = new Map(
      answers.map(ip => [ip, before.get(ip) ?? this.#member(resolvedTarget(name.address, ip))]),
    )
    for (const [ip, member] of name.members) if (!before.has(ip)) member.endpoint.attach(this.#handler)
    for (const [ip, member] of before) if (!name.members.has(ip)) this.#retire(member)
  }

  #retire(member: Member): void {
    this.#handler.unrouted(member.endpoint, 'the name has other addresses now', undefined)
    this.#drop(member)
  }

  /** What was known stays in use: a name server that is away is no reason to drop adapters that answer. */
  #unresolved(name: Name, problem: string): void {
    name.looking = false
    name.problem = `cannot look up "${name.address.host}": ${problem}`
    if (this.#closed) return
    this.#remote.telemetry.log.warn('endpoint_unresolved', { address: name.address.text, problem })
    for (const { endpoint } of name.members.values()) this.#handler.changed(endpoint)
    if (name.members.size === 0) this.#handler.hopeless()
  }
}

function nameOf(address: Address & { kind: 'dns' }): Name {
  return { address, problem: undefined, lookedUpAt: 0, looking: false, members: new Map() }
}
