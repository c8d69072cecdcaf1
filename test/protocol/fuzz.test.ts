import {
  decodeAdapterFrame,
  decodeHostFrame,
  defaultLimits,
  encodeAdapterFrame,
  encodeHostFrame,
  ProtocolError,
} from '@outboard/adapters-sdk/protocol'
import fc from 'fast-check'
import t from 'tap'
import { adapterFrame, hostFrame } from './frames.js'

/** Frames to mutate; `OUTBOARD_FUZZ=1000000` for the long run. */
const iterations = Number(process.env.OUTBOARD_FUZZ ?? 20_000)
const seed = Number(process.env.OUTBOARD_FUZZ_SEED ?? 20_261_122)

/** A small generator of chance (mulberry32), so that a run can be repeated by its seed. */
function chance(start: number): (below: number) => number {
  let state = start >>> 0
  return below => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** One to four small changes: bits, bytes, cuts, doublings, insertions, lengths made huge. */
function mutate(bytes: Buffer, random: (below: number) => number): Buffer {
  let mutated = Buffer.from(bytes)
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const at = random(mutated.length + 1)
    switch (random(6)) {
      case 0:
        if (at < mutated.length) mutated[at] = (mutated[at] ?? 0) ^ (1 << random(8))
        break
      case 1:
        if (at < mutated.length) mutated[at] = random(256)
        break
      case 2:
        mutated = mutated.subarray(0, at)
        break
      case 3:
        mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(random(at + 1))])
        break
      case 4:
        mutated = Buffer.concat([mutated.subarray(0, at), Buffer.from([random(256)]), mutated.subarray(at)])
        break
      case 5:
        mutated = Buffer.concat([
          mutated.subarray(0, at),
          Buffer.from('ffffffff0f', 'hex'),
          mutated.subarray(at),
        ])
        break
    }
  }
  return mutated.subarray(0, 20_000)
}

t.test(
  `${iterations} mutated frames in each direction are read, skipped or refused, and nothing else`,
  async t => {
    const random = chance(seed)
    const corpora = [
      { decode: decodeHostFrame, corpus: fc.sample(hostFrame, { numRuns: 300, seed }).map(encodeHostFrame) },
      {
        decode: decodeAdapterFrame,
        corpus: fc.sample(adapterFrame, { numRuns: 300, seed }).map(encodeAdapterFrame),
      },
    ]
    for (const { decode, corpus } of corpora) {
      const seen = { read: 0, skipped: 0, refused: 0 }
      let other: unknown
      for (let i = 0; i < iterations && other === undefined; i++) {
        const bytes = mutate(corpus[random(corpus.length)] ?? Buffer.alloc(0), random)
        try {
          if (decode(bytes, defaultLimits) === undefined) seen.skipped++
          else seen.read++
        } catch (thrown) {
          if (thrown instanceof ProtocolError) seen.refused++
          else other = { thrown, bytes: bytes.toString('hex') }
        }
      }
      t.equal(other, undefined)
      t.comment(JSON.stringify(seen))
      t.ok(seen.read > iterations / 50 && seen.refused > iterations / 50, 'both outcomes were met')
    }
  },
)
