import { Registry } from 'prom-client'
import { Claim, Claims } from './claims.js'
import { type Collector, makeCollector } from './collector.js'
import { type Definition, isSameMetric } from './definition.js'

/** A metric cannot be exposed because a living handler exposes another one under its name. */
export interface NameConflict {
  /** Position in the list that was given. */
  readonly index: number
  readonly message: string
}

/**
 * The metrics behind one address. They outlive the handlers: a handler that is opened anew with the same definition
 * goes on counting where its predecessor was. A handler that changes a definition resets that one metric (upstream
 * then resets all metrics of all handlers), and one that no longer has a metric takes it away. Both happen when the new
 * handler counts for the first time, or its predecessor closes: a handler is opened before it is known whether its
 * configuration goes into force, and one that is closed again must leave everything as it was.
 */
export class Exporter {
  readonly #registry = new Registry()
  readonly #claims = new Claims()
  #shown: ReadonlyMap<string, Collector> = new Map()
  /** A clock for the removal of series at scrapes; that of the handler opened last. */
  #now: () => number = () => Number.NEGATIVE_INFINITY

  /**
   * Claims the metrics of a handler's settings; all or, when there are conflicts, none. Definitions of one name must be of
   * one metric. The collectors come in the order of the definitions.
   */
  open(
    handler: string,
    definitions: readonly Definition[],
    now: () => number,
  ): { readonly claim: Claim } | { readonly conflicts: readonly NameConflict[] } {
    const conflicts = this.#conflicts(handler, definitions)
    if (conflicts.length > 0) return { conflicts }
    this.#now = now
    const byName = this.#claims.byName()
    const claim = new Claim(
      handler,
      definitions.map(definition => collectorOf(definition, byName)),
    )
    this.#claims.add(claim)
    this.#show()
    return { claim }
  }

  /** To be called when a handler counts for the first time: its metrics take the place of its predecessor's. */
  begin(claim: Claim): void {
    this.#claims.begin(claim)
    this.#show()
  }

  /** The handler has closed. Its metrics stay for its successor; those of one that has never counted go. */
  close(claim: Claim): void {
    this.#claims.end(claim)
    this.#show()
  }

  sweep(nowMs: number): void {
    for (const collector of this.#shown.values()) collector.sweep(nowMs)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** Everything in Prometheus' text format. */
  text(): Promise<string> {
    this.sweep(this.#now())
    return this.#registry.metrics()
  }

  #conflicts(handler: string, definitions: readonly Definition[]): NameConflict[] {
    const others = new Map<string, { readonly owner: string; readonly definition: Definition }>()
    for (const [owner, { collectors }] of this.#claims.latest()) {
      if (owner === handler) continue
      for (const { definition } of collectors) others.set(definition.name, { owner, definition })
    }
    return definitions.flatMap((definition, index) => {
      const other = others.get(definition.name)
      if (other === undefined || isSameMetric(other.definition, definition)) return []
      const message = `"${definition.name}" is exposed by handler "${other.owner}" with other labels, kind or buckets`
      return [{ index, message }]
    })
  }

  #show(): void {
    const before = this.#shown
    this.#shown = this.#claims.shown()
    for (const [name, collector] of before) {
      if (this.#shown.get(name) !== collector) this.#registry.removeSingleMetric(name)
    }
    for (const [name, collector] of this.#shown) {
      if (before.get(name) !== collector) collector.register(this.#registry)
    }
  }
}

/** The collector that is there for this metric, or a new one, which is added. */
function collectorOf(definition: Definition, byName: Map<string, Collector[]>): Collector {
  const known = byName.get(definition.name) ?? []
  const found = known.find(collector => isSameMetric(collector.definition, definition))
  if (found !== undefined) return found
  const made = makeCollector(definition)
  byName.set(definition.name, [...known, made])
  return made
}
