import type { Collector } from './collector.js'

/**
 * What one opened handler has of an exporter.
 * - `waiting`: opened; whether its configuration goes into force is not known yet, so it displaces nothing
 * - `counting`: it has counted, or it outlived the one before it
 * - `kept`: closed; its metrics stay for a handler that comes back under its name
 */
export class Claim {
  state: 'waiting' | 'counting' | 'kept' = 'waiting'

  constructor(
    readonly handler: string,
    /** In the order of the settings; one may come twice. */
    readonly collectors: readonly Collector[],
  ) {}
}

/** The claims on one exporter. For each handler those that are open, or the one that was the last to count. */
export class Claims {
  /** In the order in which they came to their states. */
  #claims: readonly Claim[] = []

  add(claim: Claim): void {
    this.#claims = [...this.#claims, claim]
  }

  /** A claim that waits begins to count. What was kept for its handler is its own now. */
  begin(claim: Claim): void {
    const stay = ({ handler, state }: Claim) => handler !== claim.handler || state !== 'kept'
    this.#claims = [...this.#without(claim).filter(stay), claim]
    claim.state = 'counting'
  }

  /** The handler of a claim has closed; what it had goes, or is kept when no other one is open under its name. */
  end(claim: Claim): void {
    const wasCounting = claim.state === 'counting'
    const heirs = this.#without(claim).filter(
      ({ handler, state }) => handler === claim.handler && state !== 'kept',
    )
    if (wasCounting && heirs.length === 0) {
      claim.state = 'kept'
      return
    }
    this.#claims = this.#without(claim)
    const heir = heirs.at(-1)
    if (wasCounting && heir !== undefined && heirs.every(({ state }) => state === 'waiting')) this.begin(heir)
  }

  /** For each name the collector to show: that of the claim which began to count last; else that of one which waits. */
  shown(): ReadonlyMap<string, Collector> {
    const shown = new Map<string, Collector>()
    for (const { collectors } of [...this.#waiting(), ...this.#begun()]) {
      for (const collector of collectors) shown.set(collector.definition.name, collector)
    }
    return shown
  }

  /** All collectors by name, for each name that which is shown first. */
  byName(): Map<string, Collector[]> {
    const byName = new Map<string, Collector[]>()
    for (const { collectors } of [...this.#waiting(), ...this.#begun()].reverse()) {
      for (const collector of collectors) {
        const known = byName.get(collector.definition.name)
        if (known === undefined) byName.set(collector.definition.name, [collector])
        else known.push(collector)
      }
    }
    return byName
  }

  /** The latest claim of each handler that is open. */
  latest(): ReadonlyMap<string, Claim> {
    const counting = this.#begun().filter(({ state }) => state === 'counting')
    return new Map([...counting, ...this.#waiting()].map(claim => [claim.handler, claim]))
  }

  #waiting(): readonly Claim[] {
    return this.#claims.filter(({ state }) => state === 'waiting')
  }

  #begun(): readonly Claim[] {
    return this.#claims.filter(({ state }) => state !== 'waiting')
  }

  #without(gone: Claim): readonly Claim[] {
    return this.#claims.filter(claim => claim !== gone)
  }
}
