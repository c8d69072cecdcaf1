import { type Field, type FieldOptions, found, invalid, type Kind, makeFieldWith } from './field.js'
import { mapPath } from './path.js'

export interface ListOptions<T> extends FieldOptions {
  /** Holds when none is given; a given list replaces it as a whole. Default: empty. */
  readonly default?: readonly T[]
  /** Default: 0. */
  readonly minItems?: number
  /** Default: 100,000. */
  readonly maxItems?: number
}

/** A list; `item` is a field of its own, whose presence options do not matter. */
export function list<T>(item: Field<T>, options: ListOptions<T> = {}): Field<readonly T[]> {
  const { minItems = 0, maxItems = 100_000, default: initial = [] } = options
  const kind: Kind<readonly T[]> = {
    typeName: `list of ${item.typeName}`,
    jsonSchema: { type: 'array', items: item.jsonSchema, ...(minItems > 0 && { minItems }) },
    resolve(raw, path, problems) {
      if (!Array.isArray(raw)) return problems.note(path, `must be a list, not ${found(raw)}`)
      if (raw.length < minItems) return problems.note(path, `must have at least ${minItems} item(s)`)
      if (raw.length > maxItems)
        return problems.note(path, `must have at most ${maxItems} items, not ${raw.length}`)
      const items: T[] = []
      let whole = true
      for (const [index, element] of raw.entries()) {
        const at = `${path}[${index}]`
        const value =
          element === undefined || element === null
            ? problems.note(at, 'must not be empty')
            : item.resolve(element, at, problems)
        if (value === invalid) whole = false
        else items.push(value)
      }
      return whole ? items : invalid
    },
    wire: item.wire && { ...item.wire, gather: 'list' },
    ...(item.document && { document: (path: string) => item.document?.(`${path}[]`) ?? [] }),
  }
  return withDefault(
    makeFieldWith(kind, options, (path, problems) =>
      initial.length < minItems ? problems.note(path, `must have at least ${minItems} item(s)`) : initial,
    ),
    initial.length > 0 ? initial : undefined,
  )
}

export interface MapOptions<T> extends FieldOptions {
  /** Holds when none is given; a given map replaces it as a whole. Default: empty. */
  readonly default?: Readonly<Record<string, T>>
  /** Default: 0. */
  readonly minEntries?: number
  /** Default: 100,000. */
  readonly maxEntries?: number
}

/** A map from text; `value` is a field of its own, whose presence options do not matter. */
export function map<T>(value: Field<T>, options: MapOptions<T> = {}): Field<Readonly<Record<string, T>>> {
  const { minEntries = 0, maxEntries = 100_000, default: initial = {} } = options
  const kind: Kind<Readonly<Record<string, T>>> = {
    typeName: `map to ${value.typeName}`,
    jsonSchema: {
      type: 'object',
      additionalProperties: value.jsonSchema,
      ...(minEntries > 0 && { minProperties: minEntries }),
    },
    resolve(raw, path, problems) {
      if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
        return problems.note(path, `must be a map, not ${found(raw)}`)
      }
      const given = Object.entries(raw)
      if (given.length < minEntries)
        return problems.note(path, `must have at least ${minEntries} entry or entries`)
      if (given.length > maxEntries) {
        return problems.note(path, `must have at most ${maxEntries} entries, not ${given.length}`)
      }
      const entries: [string, T][] = []
      for (const [key, element] of given) {
        const at = mapPath(path, key)
        const resolved =
          element === undefined || element === null
            ? problems.note(at, 'must not be empty')
            : value.resolve(element, at, problems)
        if (resolved !== invalid) entries.push([key, resolved])
      }
      return entries.length === given.length ? Object.fromEntries(entries) : invalid
    },
    wire: value.wire && {
      wireTypes: [2],
      packable: false,
      gather: 'map',
      read(reader) {
        const form = value.wire
        let key = ''
        let element: unknown
        const end = reader.enter()
        while (reader.at < end) {
          const fieldKey = reader.key()
          if (fieldKey === 10) key = reader.string()
          else if (fieldKey >>> 3 === 2 && form?.wireTypes.includes(fieldKey & 7)) {
            element = form.read(reader, fieldKey & 7)
          } else reader.skip(fieldKey)
        }
        reader.leave(end)
        return [key, element]
      },
    },
  }
  const size = Object.keys(initial).length
  return withDefault(
    makeFieldWith(kind, options, (path, problems) =>
      size < minEntries ? problems.note(path, `must have at least ${minEntries} entry or entries`) : initial,
    ),
    size > 0 ? initial : undefined,
  )
}

function withDefault<T>(field: Field<T>, initial: unknown): Field<T> {
  if (initial === undefined) return field
  return {
    ...field,
    defaultText: JSON.stringify(initial),
    jsonSchema: { ...field.jsonSchema, default: initial },
  }
}
