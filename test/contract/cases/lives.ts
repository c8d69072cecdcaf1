import assert from 'node:assert/strict'
import type { Verdict } from '@outboard/adapters-sdk'
import type { CancelHook, PlacedHandler } from '../../../src/mixer/engine/ports.js'
import { asking, command, traceparent } from '../asking.js'
import type { Cases } from './case.js'

const codeOf = (verdict: Verdict) => (verdict.kind === 'failed' ? verdict.error.code : verdict.kind)

async function said(handler: PlacedHandler, text: string): Promise<string> {
  const verdict = await handler.check(command(text), asking())
  return verdict.kind === 'deny' ? verdict.message : verdict.kind
}

/** Opening, failing, cancelling, closing. */
export const lives: Cases = {
  'settings reach the adapter': async world => {
    assert.equal(await said(await world.open({ greeting: 'hola', limit: 300 }), 'settings'), 'hola 300')
  },
  'defaults stand in for settings that were not given': async world => {
    assert.equal(await said(await world.open({}), 'settings'), 'hello 10')
  },
  'two handlers of one adapter keep their settings apart': async world => {
    const one = await world.open({ greeting: 'one' }, 'one.handler.test')
    const two = await world.open({ greeting: 'two' }, 'two.handler.test')
    assert.deepEqual([await said(one, 'settings'), await said(two, 'settings')], ['one 10', 'two 10'])
  },
  'a handler is opened anew beside its former self': async world => {
    const former = await world.open({ greeting: 'former' })
    const latter = await world.open({ greeting: 'latter' })
    assert.deepEqual(
      [await said(former, 'settings'), await said(latter, 'settings')],
      ['former 10', 'latter 10'],
    )
    await former.close(1_000)
    assert.equal(await said(latter, 'settings'), 'latter 10')
  },
  'settings that are refused name the field': async world => {
    const opened = await world.tryOpen({ limit: 5_000 })
    assert.equal(opened.kind, 'refused')
    assert.deepEqual(opened.kind === 'refused' && opened.problems.map(problem => problem.path), ['limit'])
  },
  'an adapter knows which instances will come': async world => {
    assert.equal(await said(await world.open(), 'instances'), 'a.instance.test:listentry')
  },
  'the deduplication id reaches the adapter': async world => {
    assert.equal((await said(await world.open(), 'call')).split('|')[0], 'd-1')
  },
  'the trace context reaches the adapter': async world => {
    assert.equal((await said(await world.open(), 'call')).split('|')[1], traceparent)
  },
  'the deadline reaches the adapter': async world => {
    const remainingMs = Number((await said(await world.open(), 'call')).split('|')[2])
    assert.ok(remainingMs > 5_000 && remainingMs <= 10_100, `${remainingMs} ms`)
  },
  'a verb that throws': async world => {
    const verdict = await (await world.open()).check(command('throw'), asking())
    assert.equal(codeOf(verdict), 'ADAPTER_CRASHED')
    assert.match(verdict.kind === 'failed' ? verdict.error.message : '', /thrown on purpose/)
  },
  'a verb that rejects': async world => {
    assert.equal(codeOf(await (await world.open()).check(command('reject'), asking())), 'ADAPTER_CRASHED')
  },
  'a handler that says it has no answer': async world => {
    const verdict = await (await world.open()).check(command('fail'), asking())
    assert.equal(codeOf(verdict), 'ADAPTER_UNAVAILABLE')
    assert.match(verdict.kind === 'failed' ? verdict.error.message : '', /my backend is away/)
  },
  'a failed call harms no other': async world => {
    const handler = await world.open()
    const verdicts = await Promise.all(
      ['throw', 'allow', 'reject', 'deny', 'allow'].map(text => handler.check(command(text), asking())),
    )
    assert.deepEqual(verdicts.map(codeOf), ['ADAPTER_CRASHED', 'allow', 'ADAPTER_CRASHED', 'deny', 'allow'])
  },
  'answers find their questions, in whatever order they come': async world => {
    const handler = await world.open()
    const texts = Array.from({ length: 200 }, (_, i) => (i % 20 === 0 ? `later ${10 - i / 20}` : `word${i}`))
    const answers = await Promise.all(texts.map(text => said(handler, text)))
    assert.deepEqual(
      answers,
      texts.map(text => (text.startsWith('later') ? 'allow' : `echo:${text}`)),
    )
  },
  'a cancelled call tells the adapter': async world => {
    const handler = await world.open()
    const onCancel: CancelHook = { cancelled: undefined }
    const waiting = handler.check(command('wait'), asking({ onCancel }))
    const before = await said(handler, 'aborted')
    onCancel.cancelled?.()
    // Somebody else's call makes the round trip behind the cancellation.
    let seen = before
    for (let i = 0; i < 100 && seen === before; i++) seen = await said(handler, 'aborted')
    assert.equal(Number(seen), Number(before) + 1)
    await waiting
  },
  'a call is aborted at its deadline': async world => {
    const handler = await world.open()
    const before = await said(handler, 'aborted')
    void handler.check(command('wait'), asking({ timeoutMs: 20 }))
    let seen = before
    for (let i = 0; i < 300 && seen === before; i++) {
      await handler.check(command('later 10'), asking())
      seen = await said(handler, 'aborted')
    }
    assert.equal(Number(seen), Number(before) + 1)
  },
  'an answer is withdrawn by its key': async world => {
    const handler = await world.open()
    await handler.check(command('invalidate user:1'), asking())
    await world.host.until(() => world.host.invalidations.length > 0)
    assert.deepEqual(world.host.invalidations, [{ handler: 'h.handler.test', key: 'user:1' }])
  },
  'all answers of a handler are withdrawn': async world => {
    const handler = await world.open()
    await handler.check(command('invalidate'), asking())
    await world.host.until(() => world.host.invalidations.length > 0)
    assert.deepEqual(world.host.invalidations, [{ handler: 'h.handler.test', key: undefined }])
  },
  'a line for the host log': async world => {
    const handler = await world.open()
    await handler.check(command('log the disk is full'), asking())
    await world.host.until(() => world.host.logs.length > 0)
    assert.deepEqual(world.host.logs, ['h.handler.test warn the disk is full'])
  },
  'close waits for calls under way, and is safe twice': async world => {
    const handler = await world.open()
    const order: string[] = []
    const asked = handler.check(command('later 30'), asking()).then(verdict => order.push(codeOf(verdict)))
    await said(handler, 'settings')
    await Promise.all(
      [handler.close(5_000), handler.close(5_000)].map(closed => closed.then(() => order.push('closed'))),
    )
    await asked
    assert.deepEqual(order, ['allow', 'closed', 'closed'])
  },
  'a closed handler takes nothing new': async world => {
    const handler = await world.open()
    await handler.close(1_000)
    assert.equal(codeOf(await handler.check(command('allow'), asking())), 'ADAPTER_DRAINING')
  },
  'close waits no longer than it was told': async world => {
    const handler = await world.open()
    void handler.check(command('wait'), asking())
    await said(handler, 'settings')
    await handler.close(10)
  },
}
