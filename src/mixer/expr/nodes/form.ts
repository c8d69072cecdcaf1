import { type AttributeValue, Instant, type Int64 } from '../../attributes/index.js'

/** The physical form of a value: strings of four types look alike inside, and so on. */
export interface Form<T extends AttributeValue> {
  has(value: AttributeValue | undefined): value is T
}

export const textForm: Form<string> = {
  has: value => typeof value === 'string',
}

export const integerForm: Form<Int64> = {
  has: value => typeof value === 'number' || typeof value === 'bigint',
}

export const doubleForm: Form<number> = {
  has: value => typeof value === 'number',
}

export const booleanForm: Form<boolean> = {
  has: value => typeof value === 'boolean',
}

export const instantForm: Form<Instant> = {
  has: value => value instanceof Instant,
}

export const addressForm: Form<Uint8Array> = {
  has: value => value instanceof Uint8Array,
}
