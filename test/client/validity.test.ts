import t from 'tap'
import { clientOf, request } from './asking.js'
import { referenced, ScriptedServer, verdict } from './scripted-server.js'

/** A server whose answers depend on these, and hold for ten seconds. */
const dependingOn = (...references: Parameters<typeof referenced>) =>
  new ScriptedServer(() => ({ answer: verdict({ referenced_attributes: referenced(...references) }) }))

t.test('validity in time and in uses', async t => {
  const second = { valid_duration: { seconds: 1 } }
  for (const { says, fields, waits, hits } of [
    { says: 'within its time', fields: second, waits: [0, 999], hits: [true, true] },
    { says: 'after its time', fields: second, waits: [1_000], hits: [false] },
    { says: 'no time at all', fields: { valid_duration: {} }, waits: [0], hits: [false] },
    {
      says: 'fractions of a second',
      fields: { valid_duration: { nanos: 5e8 } },
      waits: [499, 1],
      hits: [true, false],
    },
    { says: 'no time stated: for ever', fields: { valid_duration: null }, waits: [1e12], hits: [true] },
    { says: 'not once more', fields: { valid_use_count: 0 }, waits: [0], hits: [false] },
    { says: 'twice more', fields: { valid_use_count: 2 }, waits: [0, 0, 0], hits: [true, true, false] },
    {
      says: 'as often as wanted',
      fields: { valid_use_count: -7 },
      waits: [0, 0, 0],
      hits: [true, true, true],
    },
  ]) {
    const { client, clock } = clientOf(new ScriptedServer(() => ({ answer: verdict(fields) })))
    await client.check({})
    const found: boolean[] = []
    for (const ms of waits) {
      clock.advance(ms)
      found.push((await client.check({})).fromCache)
    }
    t.same(found, hits, says)
  }
})

t.test('validity counts from when the question was sent', async t => {
  const server = new ScriptedServer(() => ({ answer: verdict({ valid_duration: { seconds: 1 } }) }))
  const { client, clock } = clientOf(server)
  server.hold()
  const asked = client.check({})
  clock.advance(600)
  server.release()
  await asked
  clock.advance(399)
  t.equal((await client.check({})).fromCache, true)
  clock.advance(1)
  t.equal((await client.check({})).fromCache, false)
})

t.test('an expired answer of one shape does not hide a valid one of another', async t => {
  const server = new ScriptedServer((_, nth) => ({
    answer: verdict({
      valid_duration: { seconds: nth === 1 ? 100 : 1 },
      referenced_attributes: nth === 1 ? referenced({ name: 'a' }) : referenced({ name: 'a' }, { name: 'b' }),
    }),
  }))
  const { client, clock } = clientOf(server)
  await client.check(request({ a: '1', b: '1' }))
  await client.check(request({ a: '2', b: '1' }))
  clock.advance(1_500)
  t.equal((await client.check(request({ a: '1', b: '9' }))).fromCache, true)
})

t.test('the bounds: entries, bytes, shapes, and none at all', async t => {
  const ask = (name: string) => request({ a: name })
  const full = clientOf(dependingOn({ name: 'a' }), { checkCacheEntries: 2 }).client
  for (const name of ['1', '2', '1', '3']) await full.check(ask(name))
  t.equal((await full.check(ask('1'))).fromCache, true, 'used a moment ago')
  t.equal((await full.check(ask('2'))).fromCache, false, 'not used for longest')
  t.equal(full.statistics().checkCacheEvictions, 2)

  const small = clientOf(dependingOn({ name: 'a' }), { checkCacheBytes: 1_500 }).client
  for (const name of ['1', '2', '3', '4']) await small.check(ask(name))
  t.equal((await small.check(ask('4'))).fromCache, true)
  t.equal((await small.check(ask('1'))).fromCache, false)
  await small.check(ask('x'.repeat(2_000)))
  t.equal((await small.check(ask('x'.repeat(2_000)))).fromCache, false, 'too large by itself')
  t.equal((await small.check(ask('4'))).fromCache, true, 'and moved nothing out')

  const off = clientOf(dependingOn(), { checkCacheEntries: 0 }).client
  await off.check({})
  t.equal((await off.check({})).fromCache, false)

  const shapes = clientOf(
    new ScriptedServer(({ attributes }) => {
      const names = [...attributes.keys()].map(name => ({ name }))
      return { answer: verdict({ referenced_attributes: referenced(...names) }) }
    }),
    { checkCacheShapes: 1 },
  ).client
  await shapes.check(request({ a: '1' }))
  await shapes.check(request({ b: '1' }))
  t.equal((await shapes.check(request({ b: '1' }))).fromCache, true)
  t.equal((await shapes.check(request({ a: '1' }))).fromCache, false)
})
