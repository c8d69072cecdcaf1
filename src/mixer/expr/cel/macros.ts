const names = ['all', 'exists', 'exists_one', 'map', 'filter']
/** Calls of macros in one expression. */
const maxCalls = 4
/** Calls of macros one within another. */
const maxNested = 2

/** Whether a method is a macro with a variable of its own. */
export function isMacro(name: string): boolean {
  return names.includes(name)
}

/**
 * Keeps the macros of one expression within limits. A list has at most as many elements as the expression has nodes, so
 * that an evaluation takes some millions of steps at most.
 */
export class MacroCount {
  /** The limits in words. */
  static readonly limit =
    `the expression has more than ${maxCalls} calls of ${names.join(', ')}, or more than ${maxNested} one within another`
  #calls = 0
  #open = 0

  /** Begins a macro; false when that is one too many. */
  enter(): boolean {
    this.#calls++
    this.#open++
    return this.#calls <= maxCalls && this.#open <= maxNested
  }

  leave(): void {
    this.#open--
  }
}
