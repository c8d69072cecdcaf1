import type { Vocabulary } from '../attributes/index.js'

/**
 * Something derived from a vocabulary, kept for the one in force and the one before: a request that was pinned before
 * a change of configuration may still be answered after it. Vocabularies with equal declarations share it.
 */
export class PerVocabulary<Derived> {
  readonly #derive: (vocabulary: Vocabulary) => Derived
  #current: { readonly vocabulary: Vocabulary; readonly derived: Derived } | undefined
  #previous: { readonly vocabulary: Vocabulary; readonly derived: Derived } | undefined

  constructor(derive: (vocabulary: Vocabulary) => Derived) {
    this.#derive = derive
  }

  of(vocabulary: Vocabulary): Derived {
    if (this.#current?.vocabulary === vocabulary) return this.#current.derived
    if (this.#previous?.vocabulary === vocabulary) return this.#previous.derived
    const twin = [this.#current, this.#previous].find(
      kept => kept?.vocabulary.fingerprint === vocabulary.fingerprint,
    )
    const derived = twin === undefined ? this.#derive(vocabulary) : twin.derived
    this.#previous = this.#current
    this.#current = { vocabulary, derived }
    return derived
  }
}
