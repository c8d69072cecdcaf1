export { connect } from './connection.js'
export { type RedisTierOptions, resolveRedisTierOptions } from './options.js'
export { RedisTier } from './redis-tier.js'
