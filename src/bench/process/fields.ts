/** What came from another process, or out of a file, is not what it should be. */
export class FieldError extends TypeError {
  override readonly name = 'FieldError'
}

/** Reads data of unknown origin, field by field: messages between our processes, and files of results. */
export class Fields {
  readonly #what: string
  readonly #record: Readonly<Record<string, unknown>>

  /** @throws {FieldError} when the value is no object */
  constructor(what: string, value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new FieldError(`Cannot read ${what}: wanted an object, found ${shown(value)}`)
    this.#what = what
    this.#record = Object.fromEntries(Object.entries(value))
  }

  has(name: string): boolean {
    return this.#record[name] !== undefined && this.#record[name] !== null
  }

  names(): string[] {
    return Object.keys(this.#record)
  }

  unknown(name: string): unknown {
    return this.#record[name]
  }

  /** @throws {FieldError} */
  number(name: string): number {
    const value = this.#record[name]
    return typeof value === 'number' ? value : this.#wanted(name, 'a number', value)
  }

  /** @throws {FieldError} */
  text(name: string): string {
    const value = this.#record[name]
    return typeof value === 'string' ? value : this.#wanted(name, 'a text', value)
  }

  /** @throws {FieldError} */
  flag(name: string): boolean {
    const value = this.#record[name]
    return typeof value === 'boolean' ? value : this.#wanted(name, 'true or false', value)
  }

  /** @throws {FieldError} */
  object(name: string): Fields {
    return new Fields(`${name} of ${this.#what}`, this.#record[name])
  }

  /** @throws {FieldError} */
  list<T>(name: string, read: (value: unknown, index: number) => T): T[] {
    const value = this.#record[name]
    return Array.isArray(value) ? value.map(read) : this.#wanted(name, 'a list', value)
  }

  /** @throws {FieldError} */
  numbers(name: string): number[] {
    return this.list(name, value =>
      typeof value === 'number' ? value : this.#wanted(name, 'numbers', value),
    )
  }

  /** @throws {FieldError} */
  texts(name: string): string[] {
    return this.list(name, value => (typeof value === 'string' ? value : this.#wanted(name, 'texts', value)))
  }

  /** undefined when the field is not there. @throws {FieldError} */
  maybeNumber(name: string): number | undefined {
    return this.has(name) ? this.number(name) : undefined
  }

  /** undefined when the field is not there. @throws {FieldError} */
  maybeText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined
  }

  #wanted(name: string, wanted: string, found: unknown): never {
    throw new FieldError(`Cannot read ${name} of ${this.#what}: wanted ${wanted}, found ${shown(found)}`)
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text === undefined ? String(value) : text.length > 60 ? `${text.slice(0, 60)}…` : text
}
