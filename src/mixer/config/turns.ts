/** Shares the thread: long work asks after each small step, and waits when it is the turn of others. */
export interface Turns {
  /** undefined: go on. Otherwise others have their turn until it resolves; it rejects when the work is not wanted any more. */
  due(): Promise<void> | undefined
}

/** For work that nobody waits behind. */
export const noTurns: Turns = { due: () => undefined }

/** The work that was shared is not wanted any more. */
export class NotWanted extends Error {
  override readonly name = 'NotWanted'
}

export interface SlicesOptions {
  /** Milliseconds. */
  readonly now: () => number
  /** Asked after each turn of others. */
  readonly isWanted: () => boolean
  /** How long the work goes on before others have their turn, milliseconds; a step that is longer is not cut. Default: 5. */
  readonly sliceMs?: number
}

/** Work in slices: after each, whatever came up meanwhile is done first. */
export class Slices implements Turns {
  readonly #now: () => number
  readonly #isWanted: () => boolean
  readonly #sliceMs: number
  #begun: number

  constructor({ now, isWanted, sliceMs = 5 }: SlicesOptions) {
    this.#now = now
    this.#isWanted = isWanted
    this.#sliceMs = sliceMs
    this.#begun = now()
  }

  due(): Promise<void> | undefined {
    return this.#now() - this.#begun < this.#sliceMs ? undefined : this.#giveWay()
  }

  async #giveWay(): Promise<void> {
    // Everything that has arrived is handled before this comes back.
    await new Promise<void>(resolve => setImmediate(resolve))
    if (!this.#isWanted()) throw new NotWanted('something newer is there')
    this.#begun = this.#now()
  }
}

/** Makes something of each item; others have their turns between two of them. */
export async function mapInTurns<From, To>(
  items: Iterable<From>,
  turns: Turns,
  make: (item: From) => To,
): Promise<To[]> {
  const made: To[] = []
  for (const item of items) {
    made.push(make(item))
    const others = turns.due()
    if (others !== undefined) await others
  }
  return made
}
