import { allow, deny, type Verdict } from '@outboard/adapters-sdk'
import t from 'tap'
import type { Evaluated } from '../../src/mixer/engine/cache-port.js'
import { settled } from '../support/manual-clock.js'
import { bagOf } from './arbitrary.js'
import { handler, held, newCache, parts, patient, scope } from './fixture.js'
import { evaluated } from './world.js'

t.test('questions that only look alike until somebody has asked get answers of their own', async t => {
  const { cache } = newCache()
  const gate = held<void>()
  const check = (user: string) => {
    const bag = bagOf([user])
    return cache.check(scope, bag, async () => {
      await gate.promise
      return evaluated(`for ${String(bag.read(0))}`, bag, parts, 1_000, -1)
    })
  }
  const answers = Promise.all(['ann', 'bob', 'ann', 'eve'].map(check))
  await settled()
  gate.release()
  const messages = (await answers).map(({ answer }) => answer.message)
  t.same(messages, ['for ann', 'for bob', 'for ann', 'for eve'])
})

t.test('an answer that must not be kept is not shared with those who waited', async t => {
  const { cache } = newCache()
  const gate = held<void>()
  let asked = 0
  const check = () => {
    const bag = bagOf([])
    return cache.check(scope, bag, async (): Promise<Evaluated> => {
      const nth = asked++
      await gate.promise
      return { ...evaluated(`${nth}`, bag, parts, 1_000, -1), keepable: false }
    })
  }
  const answers = [check(), check(), check()]
  await settled()
  gate.release()
  const messages = (await Promise.all(answers)).map(({ answer }) => answer.message)
  t.equal(new Set(messages).size, 3)
})

t.test('a withdrawal while the question is in the air leaves no old answer behind', async t => {
  for (const key of [undefined, 'k']) {
    const { cache } = newCache()
    const gate = held<void>()
    let mind = 'old'
    const check = (wait: Promise<void>) => {
      const bag = bagOf(['user'])
      return cache.check(scope, bag, async () => {
        const said = mind
        await wait
        bag.read(0)
        return evaluated(said, bag, parts, 100_000, -1)
      })
    }
    const first = check(gate.promise)
    await settled()
    mind = 'new'
    cache.invalidate('h', key)
    gate.release()
    t.equal((await first).answer.message, 'old', 'it was asked before')
    t.equal((await check(Promise.resolve())).answer.message, 'new')
  }
})

t.test('the same holds for the verdict of one handler', async t => {
  const { cache } = newCache()
  const gate = held<void>()
  const question = Buffer.from('q')
  let mind: Verdict = allow({ validForMs: 100_000 })
  const ask = (wait: Promise<void>) =>
    cache.verdict(scope, handler, question, patient, async () => {
      const said = mind
      await wait
      return said
    })
  const first = ask(gate.promise)
  mind = deny('ABORTED', 'no', { validForMs: 100_000 })
  cache.invalidate('h', undefined)
  gate.release()
  t.equal((await first).kind, 'allow')
  t.equal((await ask(Promise.resolve())).kind, 'deny')
})

t.test('a withdrawal of another key or handler changes nothing', async t => {
  const { cache } = newCache()
  let asked = 0
  const check = () => {
    const bag = bagOf([])
    return cache.check(scope, bag, async () => evaluated(`${asked++}`, bag, parts, 100_000, -1))
  }
  await check()
  cache.invalidate('h', 'other')
  cache.invalidate('other', undefined)
  await check()
  t.equal(asked, 1)
})

t.test('a new snapshot and a flush take effect at once', async t => {
  const { cache, telemetry } = newCache()
  let asked = 0
  const check = (snapshotId: number) => {
    const bag = bagOf([])
    return cache.check({ revision: 'r', snapshotId }, bag, async () =>
      evaluated(`${asked++}`, bag, parts, 100_000, -1),
    )
  }
  await check(0)
  await check(1)
  t.equal(asked, 2)
  await check(0)
  t.equal(asked, 3, 'a request that began before is asked, and its answer is not kept')
  await check(1)
  t.equal(asked, 3)
  cache.flush()
  await check(1)
  t.equal(asked, 4)
  t.equal(telemetry.count('outboard_cache_evictions_total', { tier: 'memory', reason: 'flushed' }), 1)
})

t.test('a flush while a question is in the air leaves no old answer behind', async t => {
  const { cache } = newCache()
  const gate = held<void>()
  const bag = bagOf([])
  const first = cache.check(scope, bag, async () => {
    await gate.promise
    return evaluated('old', bag, parts, 100_000, -1)
  })
  await settled()
  cache.flush()
  gate.release()
  await first
  const again = bagOf([])
  const second = await cache.check(scope, again, async () => evaluated('new', again, parts, 100_000, -1))
  t.equal(second.answer.message, 'new')
})

t.test('one budget is shared by the combined answer and the handlers verdict', async t => {
  const { cache } = newCache()
  let asked = 0
  const check = () => {
    const bag = bagOf([])
    return cache.check(scope, bag, async () => {
      const verdict = await cache.verdict(scope, handler, Buffer.from('q'), patient, async () => {
        asked++
        return allow({ validForMs: 100_000, validUses: 3 })
      })
      const left = verdict.kind === 'allow' && verdict.caching.kind === 'valid' ? verdict.caching.uses : 0
      return evaluated('', bag, parts, 100_000, left, [verdict])
    })
  }
  for (let nth = 0; nth < 8; nth++) await check()
  t.equal(asked, 2, 'once for four requests: the first, and three uses')
})

t.test('answers in doubt are found by the failure policy only', async t => {
  const { cache } = newCache()
  const question = Buffer.from('q')
  let asked = 0
  const ask = () =>
    cache.verdict(scope, handler, question, patient, () =>
      cache.remembering(handler, question, async () => {
        asked++
        return allow({ validForMs: 100_000 })
      }),
    )
  await ask()
  await ask()
  t.equal(asked, 1)
  cache.doubt('h')
  t.equal(cache.lastVerdict(handler, question, 1_000)?.kind, 'allow')
  await ask()
  t.equal(asked, 2, 'asked anew')
  cache.invalidate('h', undefined)
  t.equal(cache.lastVerdict(handler, question, 1_000), undefined)
})

t.test('the failure policy finds the last verdict while it is fresh enough and not withdrawn', async t => {
  const { cache, clock } = newCache()
  const question = Buffer.from('q')
  await cache.remembering(handler, question, async () => allow())
  t.equal(cache.lastVerdict(handler, question, 1_000)?.kind, 'allow')
  t.equal(cache.lastVerdict({ ...handler, signature: 'other' }, question, 1_000), undefined)
  clock.advance(1_001)
  t.equal(cache.lastVerdict(handler, question, 1_000), undefined)
  cache.invalidate('h', undefined)
  t.equal(cache.lastVerdict(handler, question, 100_000), undefined)
})
