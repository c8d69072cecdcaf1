import { allow } from '@outboard/adapters-sdk'
import t from 'tap'
import { settled } from '../support/manual-clock.js'
import { action, bagOf, handlerSpec, instance, type RuleScript, snapshotOf } from './scripted.js'
import { checkRequest, started } from './start.js'

const rule = (id: string, signature = id): RuleScript => ({
  name: `r-${id}`,
  actions: [{ phase: 'check', action: action(handlerSpec(id, { signature }), instance('i', 'CHECK')) }],
})

t.test('a handler with an equal signature keeps its identity across snapshots', async t => {
  const { engine, placement } = await started({ h: { check: () => allow() } }, [rule('h')])
  const first = placement.handlers.get('h')
  t.match(await engine.swap(snapshotOf(1, [rule('h')])), { kind: 'live' })
  t.equal(placement.handlers.get('h'), first)
  await engine.swap(snapshotOf(2, [rule('h', 'changed')]))
  t.not(placement.handlers.get('h'), first)
  await settled()
  t.equal(first?.closed, 1)
})

t.test('settings that an adapter refuses leave the snapshot before in force', async t => {
  const { engine } = await started({ h: { check: () => allow() }, bad: 'refused' }, [rule('h')])
  const swapped = await engine.swap(snapshotOf(1, [rule('h'), rule('bad')]))
  t.match(swapped, { kind: 'refused', problems: [{ handler: 'bad', problems: [{ path: 'limit' }] }] })
  t.equal(engine.status().snapshot?.id, 0)
})

t.test('a request keeps the snapshot it began with, and its handlers stay open until it is done', async t => {
  let release: (() => void) | undefined
  const gate = new Promise<void>(resolve => {
    release = resolve
  })
  const { engine, handler } = await started({ h: { check: () => gate.then(() => allow()) } }, [rule('h')])
  const old = handler('h')
  const asked = engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  await settled()
  await engine.swap(snapshotOf(1, []))
  await settled()
  t.equal(old.closed, 0)
  release?.()
  t.match(await asked, { kind: 'decided', code: 0 })
  await settled()
  t.equal(old.closed, 1)
})

t.test('closing the engine closes every handler, once', async t => {
  const { engine, handler } = await started({ h: {} }, [rule('h')])
  await engine.close(100)
  t.equal(handler('h').closed, 1)
})
