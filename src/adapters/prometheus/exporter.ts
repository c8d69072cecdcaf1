import { Registry } from 'prom-client'
import { type Collector, makeCollector } from './collector.js'
import { type Definition, isSameMetric } from './definition.js'

/** A metric cannot be exposed because a living handler exposes another one under its name. */
export interface NameConflict {
  /** Position in the list that was given. */
  readonly index: number
  readonly message: string
}

interface Exposed {
  readonly collector: Collector
  /** Handlers whose latest settings hold the metric, and how many of each are open. */
  readonly owners: Map<string, number>
}

/**
 * The metrics behind one address. They outlive the handlers: a handler that is opened anew with the same definition
 * goes on counting where its predecessor was. A handler that changes a definition resets that one metric (upstream
 * then resets all metrics of all handlers), and one that no longer has a metric takes it away.
 */
export class Exporter {
  readonly #registry = new Registry()
  readonly #exposed = new Map<string, Exposed>()
  /** A clock for the removal of series at scrapes; that of the handler opened last. */
  #now: () => number = () => Number.NEGATIVE_INFINITY

  /**
   * Takes over the metrics of a handler's settings; all or, when there are conflicts, none. Definitions of one name must
   * be of one metric. The collectors come in the order of the definitions.
   */
  open(
    handler: string,
    definitions: readonly Definition[],
    now: () => number,
  ): { readonly collectors: readonly Collector[] } | { readonly conflicts: readonly NameConflict[] } {
    const conflicts = this.#conflicts(handler, definitions)
    if (conflicts.length > 0) return { conflicts }
    this.#now = now
    const names = new Set(definitions.map(definition => definition.name))
    for (const [name, exposed] of this.#exposed) {
      if (!names.has(name) && exposed.owners.delete(handler) && exposed.owners.size === 0) this.#remove(name)
    }
    const collectors = definitions.map(definition => this.#expose(definition).collector)
    for (const name of names) {
      const owners = this.#exposed.get(name)?.owners
      owners?.set(handler, (owners.get(handler) ?? 0) + 1)
    }
    return { collectors }
  }

  /** A handler with these metrics has closed. The metrics stay, for its successor. */
  close(handler: string, collectors: readonly Collector[]): void {
    for (const collector of new Set(collectors)) {
      const exposed = this.#exposed.get(collector.definition.name)
      const open = exposed?.owners.get(handler)
      if (exposed?.collector === collector && open !== undefined) exposed.owners.set(handler, open - 1)
    }
  }

  sweep(nowMs: number): void {
    for (const { collector } of this.#exposed.values()) collector.sweep(nowMs)
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
    return definitions.flatMap((definition, index) => {
      const { name } = definition
      const exposed = this.#exposed.get(name)
      if (exposed === undefined || isSameMetric(exposed.collector.definition, definition)) return []
      const other = [...exposed.owners].find(([owner, open]) => owner !== handler && open > 0)
      if (other === undefined) return []
      return [
        {
          index,
          message: `"${name}" is exposed by handler "${other[0]}" with other labels, kind or buckets`,
        },
      ]
    })
  }

  #expose(definition: Definition): Exposed {
    const before = this.#exposed.get(definition.name)
    if (before !== undefined && isSameMetric(before.collector.definition, definition)) return before
    if (before !== undefined) this.#remove(definition.name)
    const collector = makeCollector(definition)
    collector.register(this.#registry)
    const exposed = { collector, owners: new Map<string, number>() }
    this.#exposed.set(definition.name, exposed)
    return exposed
  }

  #remove(name: string): void {
    this.#registry.removeSingleMetric(name)
    this.#exposed.delete(name)
  }
}
