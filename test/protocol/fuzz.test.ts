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
import { chance, mutate } from './mutate.js'

/** Frames to mutate; `OUTBOARD_FUZZ=1000000` for the long run. */
const iterations = Number(process.env.OUTBOARD_FUZZ ?? 20_000)
const seed = Number(process.env.OUTBOARD_FUZZ_SEED ?? 20_261_122)

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
