import { type AttributeBag, isStringMap, type Slot, type Vocabulary } from '../../attributes/index.js'
import type { ServiceDocument } from '../decode/service.js'

/** Something bound to a service, and the labels that a destination must carry for it. */
interface Bound<T> {
  readonly held: T
  readonly order: number
  readonly labels: ReadonlyMap<string, string>
}

/**
 * What is bound to the destination of a request. A destination is known by `destination.service.name` and
 * `destination.service.namespace`, or, when the caller has no name for it, by `destination.service.host`.
 */
export class ServiceIndex<T> {
  readonly #everyone: Bound<T>[] = []
  readonly #byName = new Map<string, Bound<T>[]>()
  readonly #byHost = new Map<string, Bound<T>[]>()
  readonly #host: Slot | undefined
  readonly #name: Slot | undefined
  readonly #namespace: Slot | undefined
  readonly #labels: Slot | undefined
  #count = 0

  constructor(vocabulary: Vocabulary) {
    const text = (name: string) => (vocabulary.typeOf(name) === 'STRING' ? vocabulary.slot(name) : undefined)
    this.#host = text('destination.service.host')
    this.#name = text('destination.service.name')
    this.#namespace = text('destination.service.namespace')
    this.#labels =
      vocabulary.typeOf('destination.labels') === 'STRING_MAP'
        ? vocabulary.slot('destination.labels')
        : undefined
  }

  add({ name, namespace, domain, service, labels }: ServiceDocument, held: T): void {
    const bound = { held, labels, order: this.#count++ }
    if (service === '*') this.#everyone.push(bound)
    else if (service !== '') put(this.#byHost, service.toLowerCase(), bound)
    else {
      put(this.#byName, nameKey(name, namespace), bound)
      for (const host of [
        `${name}.${namespace}.${domain}`,
        `${name}.${namespace}.svc`,
        `${name}.${namespace}`,
      ])
        put(this.#byHost, host.toLowerCase(), bound)
    }
  }

  /** Everything bound to a request's destination, in the order of adding. Reads through `look`. */
  find(look: Look): T[] {
    if (this.#count === 0) return []
    const name = look.text(this.#name)
    const named = name === undefined ? undefined : nameKey(name, look.text(this.#namespace) ?? '')
    const host = look.text(this.#host)?.toLowerCase()
    const found = new Set([
      ...this.#everyone,
      ...(named === undefined ? [] : (this.#byName.get(named) ?? [])),
      ...(host === undefined ? [] : (this.#byHost.get(host) ?? [])),
    ])
    return [...found]
      .filter(({ labels }) => [...labels].every(([key, value]) => look.entry(this.#labels, key) === value))
      .sort((a, b) => a.order - b.order)
      .map(({ held }) => held)
  }
}

function put<T>(into: Map<string, Bound<T>[]>, key: string, bound: Bound<T>): void {
  const list = into.get(key)
  if (list === undefined) into.set(key, [bound])
  else list.push(bound)
}

function nameKey(name: string, namespace: string): string {
  return `${name}.${namespace}`
}

/** How a bag is looked at: recorded, or not. */
export interface Look {
  text(slot: Slot | undefined): string | undefined
  entry(slot: Slot | undefined, key: string): string | undefined
}

/** Looks that are recorded: an answer depends on them. */
export function recorded(bag: AttributeBag): Look {
  return {
    text: slot => textOf(slot === undefined ? undefined : bag.read(slot)),
    entry: (slot, key) => (slot === undefined ? undefined : (bag.readKey(slot, key) ?? undefined)),
  }
}

/** Looks that are not recorded: what they lead to becomes a part of the request itself. */
export function unrecorded(bag: AttributeBag): Look {
  return {
    text: slot => textOf(slot === undefined ? undefined : bag.peek(slot)),
    entry: (slot, key) => {
      const map = slot === undefined ? undefined : bag.peek(slot)
      return isStringMap(map) ? map.get(key) : undefined
    },
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
