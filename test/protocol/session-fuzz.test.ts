import { encodeHostFrame, protocolErrorCodes } from '@outboard/adapters-sdk/protocol'
import fc from 'fast-check'
import t from 'tap'
import { stagedAdapter } from '../sdk/support/adapters.js'
import { calls, check, configure, memoryProcess, settled } from '../sdk/support/memory-session.js'
import { hello } from '../sdk/support/raw-host.js'
import { hostFrame } from './frames.js'
import { chance, mutate } from './mutate.js'

/** Sessions to maltreat; a hundredth of `OUTBOARD_FUZZ`, because each gets up to twenty frames. */
const sessions = Math.ceil(Number(process.env.OUTBOARD_FUZZ ?? 50_000) / 100)
const seed = Number(process.env.OUTBOARD_FUZZ_SEED ?? 20_261_122)

t.test(
  `${sessions} sessions that get mutated frames go on or end with a reason, and let go of everything`,
  async t => {
    const random = chance(seed)
    const plausible = [
      encodeHostFrame(calls(check(1, 'ada'), check(2, 'throw'))),
      encodeHostFrame(calls(check(3, 'bob', { verb: 'quota', quota: { amount: 1n, bestEffort: true } }))),
      encodeHostFrame(configure(1, 2, { allowed: ['bob'] })),
      encodeHostFrame(configure(2, 1, {})),
      encodeHostFrame({ kind: 'remove', handler: 1, generation: 1 }),
      encodeHostFrame({ kind: 'cancel', ids: [1, 2, 3] }),
      encodeHostFrame({ kind: 'drain', reason: '' }),
      encodeHostFrame(hello),
    ]
    const corpus = [...plausible, ...fc.sample(hostFrame, { numRuns: 50, seed }).map(encodeHostFrame)]
    const endings = new Set<string>([...protocolErrorCodes, 'OK', 'DRAINED', 'GONE'])
    const { adapter, stage } = stagedAdapter()
    const { open, pool } = memoryProcess(adapter)
    const seen = new Map<string, number>()
    for (let i = 0; i < sessions; i++) {
      const host = open({ credits: 16 })
      await host.open()
      for (let frames = random(20); frames > 0; frames--) {
        const frame = corpus[random(random(2) === 0 ? plausible.length : corpus.length)] ?? Buffer.alloc(0)
        host.session.receive(random(3) === 0 ? frame : mutate(frame, random))
      }
      await settled()
      host.session.lost('the test is over')
      for (const held of stage.held.splice(0)) held.release()
      const { code } = await host.session.done
      seen.set(code, (seen.get(code) ?? 0) + 1)
    }
    t.same(
      [...seen.keys()].filter(code => !endings.has(code)),
      [],
    )
    await settled()
    t.equal(pool.size, 0, 'no handler is left open')
    t.equal(stage.closed, stage.hosts.length)
    t.ok((seen.get('GONE') ?? 0) > 0 && (seen.get('PROTOCOL_MALFORMED') ?? 0) > 0, JSON.stringify([...seen]))
  },
)
