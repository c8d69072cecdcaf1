import { EvalFailure } from '../plan.js'

/** The longest part of a value that a failure's message repeats, in UTF-16 units. */
const shownLength = 200

/** A function refuses its argument. */
export function invalid(message: string): EvalFailure {
  return new EvalFailure('invalid', message)
}

/** A value for a message: cut when it is long. */
export function shown(value: string): string {
  return value.length <= shownLength ? value : `${value.slice(0, shownLength)}…`
}
