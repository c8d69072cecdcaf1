/** Builds the rewritten text of an expression and remembers where each part came from, for error messages. */
export class CelWriter {
  readonly #pieces: string[] = []
  readonly #origins: { readonly at: number; readonly start: number; readonly end: number }[] = []
  #length = 0

  /** Answers itself, so that a writer of a part can hand it on. */
  write(piece: string): this {
    this.#pieces.push(piece)
    this.#length += piece.length
    return this
  }

  /** What is written next comes from this part of the source. */
  from(start: number, end: number): void {
    this.#origins.push({ at: this.#length, start, end })
  }

  /** How much has been written, in UTF-16 units. */
  get length(): number {
    return this.#length
  }

  text(): string {
    return this.#pieces.join('')
  }

  /** The part of the source that the text at an offset came from. */
  origin(offset: number): { readonly start: number; readonly end: number } | undefined {
    return this.#origins.findLast(({ at }) => at <= offset)
  }
}
