/** Where something stands, for people: 1-based line and column, and the path of fields from the document's root. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
  /** For example `spec.actions[0].handler`; empty for the document itself. */
  readonly path: string
}

/** The text of one configuration file, and where its lines begin. */
export class SourceText {
  #lineStarts: number[] | undefined

  constructor(
    /** As it is named in messages: the path that was read. */
    readonly file: string,
    readonly text: string,
  ) {}

  /** The 1-based line and column of an offset. The line table is made when first asked for: only problems need it. */
  position(offset: number): { readonly line: number; readonly column: number } {
    const starts = this.#starts()
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }

  #starts(): number[] {
    if (this.#lineStarts === undefined) {
      this.#lineStarts = [0]
      for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1))
        this.#lineStarts.push(at + 1)
    }
    return this.#lineStarts
  }
}

/** A point in a file and its path in the document; turned into a {@link Location} only when someone asks. */
export class Place {
  constructor(
    readonly source: SourceText,
    readonly offset: number,
    readonly parent: Place | undefined,
    /** The field or index that leads here from the parent. */
    readonly step: string | number | undefined,
  ) {}

  path(): string {
    const steps: (string | number)[] = []
    for (let place: Place | undefined = this; place?.step !== undefined; place = place.parent)
      steps.push(place.step)
    return steps.reverse().reduce<string>(appendStep, '')
  }

  location(): Location {
    return { file: this.source.file, ...this.source.position(this.offset), path: this.path() }
  }
}

function appendStep(path: string, step: string | number): string {
  if (typeof step === 'number') return `${path}[${step}]`
  if (!/^[\w-]+$/.test(step)) return `${path}[${JSON.stringify(step)}]`
  return path === '' ? step : `${path}.${step}`
}
