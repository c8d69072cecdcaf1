import { AttributeCache, type SecondTier } from '../../cache/index.js'
import type { RedisTierOptions } from '../../cache/redis/index.js'
import type { Clock } from '../../mixer/engine/ports.js'
import type { Telemetry } from '../../mixer/telemetry/index.js'
import type { ServeOptions } from './option-table.js'

/** The cache that the options ask for, with a second tier when they name one; undefined when it is off. */
export async function openCache(
  options: ServeOptions,
  clock: Clock,
  telemetry: Telemetry,
  hostId: string,
): Promise<AttributeCache | undefined> {
  if (options.cache === 'off') return undefined
  const { cacheEntries: maxEntries, cacheBytes: maxBytes, redis } = options
  return new AttributeCache(
    { maxEntries, maxBytes },
    clock,
    telemetry,
    redis && (await openRedis(redis, options, clock, telemetry, hostId)),
  )
}

/** Loaded only when it is used: the client of Redis takes longer to load than all else of a small host. */
async function openRedis(
  servers: RedisTierOptions['servers'],
  { redisNamespace: namespace, redisWait: waitMs }: ServeOptions,
  clock: Clock,
  telemetry: Telemetry,
  hostId: string,
): Promise<SecondTier> {
  const { connect, RedisTier, resolveRedisTierOptions } = await import('../../cache/redis/index.js')
  const password = process.env.OUTBOARD_REDIS_PASSWORD
  const withPassword =
    servers.kind === 'single' || password === undefined ? servers : { ...servers, password }
  const resolved = resolveRedisTierOptions({ servers: withPassword, namespace, waitMs })
  return new RedisTier(resolved, connect(resolved), clock, telemetry, hostId)
}
