import type { AttributeBag, Slot, Vocabulary } from '../../attributes/index.js'

/**
 * The namespace a request belongs to, which decides whose rules apply. Source: reference config, section 9:
 * `destination.namespace`, or `source.namespace` when the reporter is `outbound`; any other kind of reporter than
 * `inbound` and `outbound` has none. Both looks are recorded.
 */
export class RequestNamespace {
  readonly #reporterKind: Slot | undefined
  readonly #destination: Slot | undefined
  readonly #source: Slot | undefined

  constructor(vocabulary: Vocabulary) {
    this.#reporterKind = vocabulary.slot('context.reporter.kind')
    this.#destination = vocabulary.slot('destination.namespace')
    this.#source = vocabulary.slot('source.namespace')
  }

  /** The empty string when the request has none. */
  of(bag: AttributeBag): string {
    const kind = textAt(bag, this.#reporterKind)
    if (kind === undefined || kind === 'inbound') return textAt(bag, this.#destination) ?? ''
    return kind === 'outbound' ? (textAt(bag, this.#source) ?? '') : ''
  }
}

/** Attributes that a manifest declares with another type count as not there, as upstream has it. */
function textAt(bag: AttributeBag, slot: Slot | undefined): string | undefined {
  const value = slot === undefined ? undefined : bag.read(slot)
  return typeof value === 'string' ? value : undefined
}
