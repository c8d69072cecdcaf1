/** @throws {RangeError} unless the value is an integer from 1 to 2^31 - 1. */
export function positive(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1 || value > 0x7fffffff)
    throw new RangeError(`${name}: wanted an integer from 1 to 2147483647, found ${value}`)
  return value
}
