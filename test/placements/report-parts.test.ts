import { defaultLimits } from '@outboard/adapters-sdk/protocol'
import t from 'tap'
import { asking, question } from '../contract/asking.js'
import { Handlers } from './support/opened.js'
import { hello, politely, ScriptedAdapter } from './support/scripted-adapter.js'

t.test('a report that is divided has an id for each part, the same when it is sent again', async t => {
  const ids: string[] = []
  const adapter = await ScriptedAdapter.listen((session, frame) => {
    if (frame.kind === 'hello') session.send(hello({ limits: { ...defaultLimits, instancesPerCall: 2 } }))
    else politely(session, frame)
    if (frame.kind !== 'calls') return
    ids.push(...frame.calls.map(({ dedupId, instances }) => `${dedupId} ${instances.length}`))
    const results = frame.calls.map(({ id }) => ({ kind: 'reported', id }) as const)
    session.send({ kind: 'results', results, credits: results.length })
  })
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    adapter.close()
  })
  const handler = await handlers.open('session', [adapter.address])
  const metric = question('metric', {})
  const parts = ['b-1/0-1 2', 'b-1/2-3 2', 'b-1/4-4 1']
  t.equal(await handler.report(Array(5).fill(metric), asking({ dedupId: 'b-1' })), undefined)
  t.same(ids, parts)
  t.equal(await handler.report(Array(5).fill(metric), asking({ dedupId: 'b-1' })), undefined)
  t.same(ids, [...parts, ...parts])
  t.equal(await handler.report([metric, metric], asking({ dedupId: 'b-2' })), undefined)
  t.equal(ids.at(-1), 'b-2 2', 'one that is whole keeps its id')
})
