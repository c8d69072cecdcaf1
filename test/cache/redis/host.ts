import { AttributeCache } from '../../../src/cache/index.js'
import {
  connect,
  RedisTier,
  type RedisTierOptions,
  resolveRedisTierOptions,
} from '../../../src/cache/redis/index.js'
import { systemClock } from '../../../src/mixer/engine/index.js'
import { CountingTelemetry } from '../../support/counting-telemetry.js'
import { eventually } from '../../support/redis.js'
import { bagOf } from '../arbitrary.js'
import { evaluated } from '../world.js'

/** One host's cache with a second tier; its answers say how often it was asked. */
export class Host {
  readonly telemetry = new CountingTelemetry()
  readonly tier: RedisTier
  readonly cache: AttributeCache
  asked = 0

  constructor(
    readonly name: string,
    servers: RedisTierOptions['servers'],
    /** What the adapters of this host say; change it together with a withdrawal. */
    readonly mind: { says: string } = { says: 'first' },
    options: Partial<RedisTierOptions> = {},
  ) {
    // The bound is wide, because a loaded machine is no fault of the tier; tests of the bound set their own.
    const resolved = resolveRedisTierOptions({ servers, waitMs: 2_000, ...options })
    this.tier = new RedisTier(resolved, connect(resolved), systemClock, this.telemetry, name)
    this.cache = new AttributeCache({}, systemClock, this.telemetry, this.tier)
  }

  async ready(): Promise<this> {
    await eventually(() => this.tier.status().state === 'ready', `${this.name} is connected`)
    return this
  }

  /** `during`: what happens while its adapter thinks. */
  async check(
    user: string,
    {
      uses = -1,
      forMs = 60_000,
      revision = 'r1',
      snapshotId = 0,
      during = async () => {},
    }: {
      uses?: number
      forMs?: number
      revision?: string
      snapshotId?: number
      during?: () => Promise<void>
    } = {},
  ) {
    const bag = bagOf([user])
    const { answer } = await this.cache.check({ revision, snapshotId }, bag, async () => {
      this.asked++
      bag.read(0)
      const { says } = this.mind
      await during()
      return evaluated(`${says} for ${user}`, bag, [{ handler: 'h', cacheKeys: ['k'] }], forMs, uses)
    })
    if (answer.kind !== 'decided') throw new TypeError(answer.message)
    return answer
  }

  count(name: string, labels: Record<string, string> = {}): number {
    return this.telemetry.count(name, { tier: 'redis', ...labels })
  }

  /** Resolves when so many of its answers are in Redis. */
  shared(count: number): Promise<void> {
    return eventually(
      () => this.count('outboard_cache_kept_total') >= count,
      `${this.name} shared ${count} answers`,
    )
  }

  close(): void {
    this.cache.close()
  }
}
