import { allow, deny, type Verdict } from '@outboard/adapters-sdk'
import t from 'tap'
import { AttributeCache } from '../../src/cache/index.js'
import type { Evaluated } from '../../src/mixer/engine/cache-port.js'
import { Abandon } from '../../src/mixer/engine/guarded-call.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { ManualClock, settled } from '../support/manual-clock.js'
import { bagOf } from './arbitrary.js'
import { evaluated } from './world.js'

const scope = { revision: 'r', snapshotId: 0 }
const handler = { id: 'h', signature: 's' }
/** Whoever waits as long as it takes. */
const patient = { answerBy: Number.POSITIVE_INFINITY, abandon: undefined }

function held<Answer>() {
  let release: (answer: Answer) => void = () => {}
  const promise = new Promise<Answer>(resolve => {
    release = resolve
  })
  return { promise, release }
}

function newCache() {
  const clock = new ManualClock()
  const telemetry = new CountingTelemetry()
  return { cache: new AttributeCache({}, clock, telemetry), clock, telemetry }
}

const parts = [{ handler: 'h', cacheKeys: ['k'] }]

t.test('equal questions to a handler that are in the air are asked once', async t => {
  const { cache } = newCache()
  const gate = held<void>()
  let asked = 0
  const ask = () =>
    cache.verdict(scope, handler, Buffer.from('q'), patient, async () => {
      asked++
      await gate.promise
      return allow({ validForMs: 1_000 })
    })
  const answers = Array.from({ length: 100 }, ask)
  await settled()
  gate.release()
  t.ok((await Promise.all(answers)).every(({ kind }) => kind === 'allow'))
  t.equal(asked, 1)
})

t.test('a request never waits for a different one, whatever is known of answers', async t => {
  const { cache } = newCache()
  const gates = { ann: held<void>(), bob: held<void>() }
  const check = (user: 'ann' | 'bob') => {
    const bag = bagOf([user])
    return cache.check(scope, bag, async () => {
      await gates[user].promise
      return { ...evaluated(user, bag, parts, 1_000, -1), keepable: false }
    })
  }
  const slow = check('ann')
  await settled()
  const quick = check('bob')
  gates.bob.release()
  t.equal((await quick).answer.message, 'bob', 'while ann still waits')
  gates.ann.release()
  t.equal((await slow).answer.message, 'ann')
})

t.test('who waits for another waits no longer than its own deadline, or until it has gone', async t => {
  const { cache, clock } = newCache()
  const gate = held<void>()
  const lead = () =>
    cache.verdict(scope, handler, Buffer.from('q'), patient, async () => {
      await gate.promise
      return allow({ validForMs: 100_000 })
    })
  let others = 0
  const other = async () => {
    others++
    return allow()
  }
  const first = lead()
  const short = { answerBy: clock.now() + 20, abandon: undefined }
  const late = cache.verdict(scope, handler, Buffer.from('q'), short, other)
  const abandon = new Abandon()
  const gone = cache.verdict(
    scope,
    handler,
    Buffer.from('q'),
    { answerBy: Number.POSITIVE_INFINITY, abandon },
    other,
  )
  await settled()
  clock.advance(20)
  t.match(await late, { kind: 'failed', error: { code: 'ADAPTER_TIMEOUT' } })
  abandon.all()
  t.match(await gone, { kind: 'failed', error: { code: 'ADAPTER_CANCELLED' } })
  gate.release()
  t.equal((await first).kind, 'allow')
  t.equal(others, 0)
  t.equal(clock.pending, 0, 'no timer is left')
})

t.test('nobody waits for a handler whose answers are not to be kept, until one is kept again', async t => {
  const { cache } = newCache()
  let said: Verdict = allow({ validForMs: 0 })
  const ask = (wait: Promise<void>, asked: () => void) =>
    cache.verdict(scope, handler, Buffer.from('q'), patient, async () => {
      asked()
      await wait
      return said
    })
  await ask(Promise.resolve(), () => {})
  const gate = held<void>()
  let asked = 0
  const both = [ask(gate.promise, () => asked++), ask(gate.promise, () => asked++)]
  await settled()
  t.equal(asked, 2, 'side by side')
  said = allow({ validForMs: 1_000 })
  gate.release()
  await Promise.all(both)
  cache.invalidate(handler.id, undefined)
  const next = held<void>()
  const joined = [ask(next.promise, () => asked++), ask(next.promise, () => asked++)]
  await settled()
  t.equal(asked, 3, 'one for the other')
  next.release()
  await Promise.all(joined)
})

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
