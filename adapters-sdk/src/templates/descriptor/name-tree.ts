import type { EnumSource, FieldSource, MessageSource } from './write.js'

interface Node {
  readonly fullName: string
  readonly fields: readonly FieldSource[]
  readonly entries: readonly MessageSource[]
}

/**
 * Messages and enums by full name, put back into packages and into each other: a type whose name continues another
 * message's stands inside that message; any other stands at the top of the package that its name begins with.
 */
export class NameTree {
  readonly #messages = new Map<string, Node>()
  readonly #enums = new Map<string, ReadonlyMap<string, number>>()

  message(fullName: string, fields: readonly FieldSource[], entries: readonly MessageSource[] = []): void {
    this.#messages.set(fullName, { fullName, fields, entries })
  }

  enumeration(fullName: string, values: ReadonlyMap<string, number>): void {
    this.#enums.set(fullName, values)
  }

  /** The packages that have a type at their top. */
  packages(): string[] {
    const packages = new Set<string>()
    for (const name of [...this.#messages.keys(), ...this.#enums.keys()]) {
      if (!this.#messages.has(outerOf(name))) packages.add(outerOf(name))
    }
    return [...packages].sort()
  }

  /** What stands at the top of a package, with all that stands inside. */
  definitions(packageName: string): { messages: MessageSource[]; enums: EnumSource[] } {
    return {
      messages: [...this.#messages.values()]
        .filter(({ fullName }) => outerOf(fullName) === packageName)
        .map(node => this.#source(node)),
      enums: this.#enumsIn(packageName),
    }
  }

  #source({ fullName, fields, entries }: Node): MessageSource {
    const inside = this.definitions(fullName)
    return {
      name: fullName.slice(fullName.lastIndexOf('.') + 1),
      fields,
      nested: [...entries, ...inside.messages],
      enums: inside.enums,
      isMapEntry: false,
    }
  }

  #enumsIn(outer: string): EnumSource[] {
    return [...this.#enums]
      .filter(([fullName]) => outerOf(fullName) === outer)
      .map(([fullName, values]) => ({ name: fullName.slice(fullName.lastIndexOf('.') + 1), values }))
  }
}

/** What a name stands in: a package or a message. */
function outerOf(fullName: string): string {
  return fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')))
}
