import { allow, type Verdict } from '@outboard/adapters-sdk'
import t from 'tap'
import { Abandon } from '../../src/mixer/engine/guarded-call.js'
import { settled } from '../support/manual-clock.js'
import { bagOf } from './arbitrary.js'
import { handler, held, newCache, parts, patient, scope } from './fixture.js'
import { evaluated } from './world.js'

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
