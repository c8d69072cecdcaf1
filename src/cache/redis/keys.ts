import { createHash } from 'node:crypto'
import type { TookPart } from '../../mixer/engine/cache-port.js'
import { textPart } from '../value-key.js'

/** How many hash slots a cluster's answers are spread over. */
export const clusterShards = 16

/** What all names begin with. Another version reads nothing of this one, and the other way round. */
const version = 'outboard2'

/** The names of everything in Redis: versioned, of one namespace, spread over shards. */
export class Keys {
  constructor(
    private readonly namespace: string,
    private readonly shardCount: number,
  ) {}

  /** The key of an answer: everything it is found by goes in, lengths before texts. */
  entry(identity: string): { readonly shard: number; readonly key: string } {
    const hash = createHash('sha256').update(identity).digest()
    const shard = hash.readUInt32BE(0) % this.shardCount
    return { shard, key: `${this.#shard(shard)}:e:${hash.toString('base64url')}` }
  }

  /** What an answer is found by: the configuration, what was looked at, and what was found there. */
  identity(revision: string, shape: string, values: string): string {
    return textPart(revision) + textPart(shape) + values
  }

  sequence(shard: number): string {
    return `${this.#shard(shard)}:seq`
  }

  /** The generation of what can be withdrawn together; both undefined: everything. */
  generation(shard: number, handler: string | undefined, key: string | undefined): string {
    if (handler === undefined) return `${this.#shard(shard)}:g:*`
    const name = textPart(handler) + (key === undefined ? '' : textPart(key))
    return `${this.#shard(shard)}:g:${createHash('sha256').update(name).digest('base64url')}`
  }

  /** The generations that an answer belongs to, in which these took part. */
  generations(shard: number, parts: readonly TookPart[]): string[] {
    const named = new Set([this.generation(shard, undefined, undefined)])
    for (const { handler, cacheKeys } of parts) {
      named.add(this.generation(shard, handler, undefined))
      for (const cacheKey of cacheKeys) named.add(this.generation(shard, handler, cacheKey))
    }
    return [...named]
  }

  shapes(revision: string): string {
    return `${this.#shard(0)}:shapes:${createHash('sha256').update(revision).digest('base64url')}`
  }

  get channel(): string {
    return `${version}:${this.namespace}:withdrawals`
  }

  /** Where one host hears itself. */
  ownChannel(host: string): string {
    return `${version}:${this.namespace}:ear:${host}`
  }

  get shards(): readonly number[] {
    return Array.from({ length: this.shardCount }, (_, shard) => shard)
  }

  #shard(shard: number): string {
    return `${version}:{${this.namespace}:${shard}}`
  }
}
