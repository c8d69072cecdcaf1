export { AttributeCache } from './check-cache.js'
export type { Explanation, Split } from './explain.js'
export { type CacheOptions, resolveCacheOptions } from './options.js'
export type { SecondTier, SecondTierStatus, SharedAnswer, SharedFound, SharedMiss } from './second-tier.js'
