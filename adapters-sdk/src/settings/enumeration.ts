import { nearest } from '../templates/index.js'
import { type Field, found, type Kind, makeChecked, type Presence } from './field.js'

export interface EnumerationOptions<Name extends string> extends Presence<Name> {}

/**
 * One of several names; its number is taken, too, as in protobuf's JSON form.
 * @throws {TypeError} when it is given something else than names with whole numbers
 */
export function enumeration<const Names extends Readonly<Record<string, number>>>(
  names: Names,
  options: EnumerationOptions<Extract<keyof Names, string>> & { readonly optional: true },
): Field<Extract<keyof Names, string> | undefined>
export function enumeration<const Names extends Readonly<Record<string, number>>>(
  names: Names,
  options?: EnumerationOptions<Extract<keyof Names, string>>,
): Field<Extract<keyof Names, string>>
export function enumeration<const Names extends Readonly<Record<string, number>>>(
  names: Names,
  options: EnumerationOptions<Extract<keyof Names, string>> = {},
): Field<Extract<keyof Names, string> | undefined> {
  type Name = Extract<keyof Names, string>
  refuseOthers(names)
  const byName = new Map<string, Name>()
  const byNumber = new Map<number, Name>()
  for (const name in names) {
    byName.set(name, name)
    const number: number | undefined = names[name]
    if (number !== undefined) byNumber.set(number, name)
  }
  const list = [...byName.keys()]
  const kind: Kind<Name> = {
    typeName: list.join(' \\| '),
    jsonSchema: { enum: list },
    resolve(raw, path, problems) {
      const name = typeof raw === 'string' ? byName.get(raw) : undefined
      if (name !== undefined) return name
      const numbered =
        typeof raw === 'number' || typeof raw === 'bigint' ? byNumber.get(Number(raw)) : undefined
      if (numbered !== undefined) return numbered
      const near = typeof raw === 'string' ? nearest(raw, list) : undefined
      const hint = near === undefined ? '' : `; did you mean ${near}?`
      return problems.note(path, `must be one of ${list.join(', ')}, not ${found(raw)}${hint}`)
    },
    wire: { wireTypes: [0], packable: true, gather: 'last', read: reader => Number(reader.int64()) },
  }
  return makeChecked(kind, options)
}

/** In JavaScript a list of names would pass, as the names "0" and "1". */
function refuseOthers(names: unknown): void {
  const isObject = typeof names === 'object' && names !== null && !Array.isArray(names)
  const numbers = isObject ? Object.values(names) : []
  if (numbers.length > 0 && numbers.every(number => Number.isInteger(number))) return
  throw new TypeError(
    'settings.enumeration takes an object of names with their numbers, like { ALLOW: 0, DENY: 1 }',
  )
}
