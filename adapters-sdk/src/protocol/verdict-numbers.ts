import type { Caching } from '../verdict.js'

/** The names of `HeaderOperation.On` and `.Operation` by their numbers. */
export const onNames = ['request', 'response'] as const
export const operationNames = ['replace', 'append', 'remove'] as const

/** The numbers of `Caching`. */
export const cachingNumbers: Readonly<Record<Caching['kind'], number>> = {
  'no-opinion': 0,
  'do-not-cache': 1,
  valid: 2,
}
