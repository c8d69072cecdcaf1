import t from 'tap'
import { settled } from '../support/manual-clock.js'
import { clientOf, request } from './asking.js'
import { type Said, ScriptedServer, verdict } from './scripted-server.js'

const unavailable: Said = { status: { code: 14, message: 'no connection' } }

t.test('without an answer the fail policy decides, and nothing is kept', async t => {
  for (const [failPolicy, wanted] of [
    ['open', { allowed: true, status: { code: 0 } }],
    ['close', { allowed: false, status: { code: 14, message: 'no connection' } }],
  ] as const) {
    const { client, server } = clientOf(new ScriptedServer(() => unavailable), { failPolicy })
    const outcome = await client.check({})
    t.match(outcome, { ...wanted, fromCache: false, failure: { code: 14 } })
    await client.check({})
    t.equal(server.checks.length, 2)
    const [failedOpen, failedClosed] = failPolicy === 'open' ? [2, 0] : [0, 2]
    t.match(client.statistics(), { failedOpen, failedClosed, remoteSendErrors: 2, remoteRetries: 0 })
  }
})

t.test('the default is to close', async t => {
  const { client } = clientOf(new ScriptedServer(() => unavailable))
  t.equal((await client.check({})).allowed, false)
})

t.test('a verdict INTERNAL is allowed when open, and denied when closed', async t => {
  const said: Said = { answer: verdict({ status: { code: 13, message: 'boom' } }) }
  const open = clientOf(new ScriptedServer(() => said), { failPolicy: 'open' })
  const closed = clientOf(new ScriptedServer(() => said))
  for (const fromCache of [false, true]) {
    t.match(await open.client.check({}), { allowed: true, status: { code: 0 }, fromCache })
    t.match(await closed.client.check({}), {
      allowed: false,
      status: { code: 13, message: 'boom' },
      fromCache,
    })
  }
})

t.test('a check is sent again after a pause that chance chooses, with the same deduplication id', async t => {
  const server = new ScriptedServer((_, nth) => (nth < 4 ? unavailable : { answer: verdict() }))
  const { client, clock } = clientOf(server, { retries: 3, retryBaseMs: 100, retryMaxMs: 300 })
  const asked = client.check({})
  // With chance 0.5 the middle of 100 to 200, of 100 to 300 (bounded; it would be 400), and of that again.
  for (const [nth, pause] of [150, 200, 200].entries()) {
    await settled()
    clock.advance(pause - 1)
    await settled()
    t.equal(server.checks.length, nth + 1)
    clock.advance(1)
    await settled()
    t.equal(server.checks.length, nth + 2)
  }
  t.match(await asked, { allowed: true })
  t.same(new Set(server.checks.map(({ deduplicationId }) => deduplicationId)), new Set(['c-0']))
  await client.check(request({ a: '1' }), [{ name: 'q' }])
  t.equal(server.checks.at(-1)?.deduplicationId, 'c-1')
  t.match(client.statistics(), { remoteRetries: 3, remoteSendErrors: 3, remoteAnswers: 2, remoteChecks: 2 })
  t.equal(clock.pending, 0, 'no timer is left')
})

t.test('an answer that does not come in time is a failure, and the call is given up', async t => {
  const { client, clock, server } = clientOf(new ScriptedServer(() => 'nothing'), { timeoutMs: 700 })
  const asked = client.check({})
  await settled()
  clock.advance(699)
  t.equal(server.signals[0]?.aborted, false)
  clock.advance(1)
  t.match(await asked, { allowed: false, failure: { code: 4 } })
  t.equal(server.signals[0]?.aborted, true)
  t.equal(client.statistics().remoteTimeouts, 1)
})

t.test('a caller who gives up gets an outcome at once, also between two attempts', async t => {
  const hanging = clientOf(new ScriptedServer(() => 'nothing'))
  const gone = new AbortController()
  const asked = hanging.client.check({}, [], { signal: gone.signal })
  await settled()
  gone.abort()
  t.match(await asked, { allowed: false, failure: { code: 1 } })
  t.equal(hanging.server.signals[0]?.aborted, true)
  t.equal(hanging.clock.pending, 0)
  t.match(await hanging.client.check({}, [], { signal: gone.signal }), { failure: { code: 1 } })
  t.equal(hanging.server.checks.length, 1)

  const failing = clientOf(new ScriptedServer(() => unavailable), { retries: 5 })
  const goneToo = new AbortController()
  const pausing = failing.client.check({}, [], { signal: goneToo.signal })
  await settled()
  goneToo.abort()
  t.equal((await pausing).failure?.code, 1)
  t.match(failing.client.statistics(), { remoteSendErrors: 1, remoteCancelled: 1 })
  t.equal(failing.clock.pending, 0)
})

t.test('a transport that throws, and bytes that are no answer, are failures', async t => {
  const { client } = clientOf(
    new ScriptedServer(() => {
      throw new Error('wire cut')
    }),
  )
  t.match(await client.check({}), { allowed: false, failure: { code: 2, message: /wire cut/ } })
  const garbage = new ScriptedServer()
  garbage.check = async () => ({ kind: 'answer', bytes: Uint8Array.of(0x12, 0x7f) })
  t.match(await clientOf(garbage).client.check({}), {
    allowed: false,
    failure: { code: 13, message: /unreadable/ },
  })
})

t.test('a request that is too long is a failure of this request alone', async t => {
  const { client, server } = clientOf(new ScriptedServer())
  const outcome = await client.check(request({ a: 'x'.repeat(5_000_000) }))
  t.match(outcome, { allowed: false, failure: { code: 8 } })
  t.equal(server.checks.length, 0)
  t.equal((await client.check(request({ a: 'x' }))).allowed, true)
})

t.test('fewer words are used once the server says that it knows fewer', async t => {
  for (const [status, words] of [
    [{ code: 3, message: 'Request could not be processed due to invalid dictionary' }, 111],
    [
      {
        code: 13,
        message: 'inconsistent global dictionary versions used: mixer knows 150 words, caller knows 222',
      },
      150,
    ],
  ] as const) {
    const server = new ScriptedServer(({ globalWordCount }) =>
      globalWordCount > words ? { status } : { answer: verdict({ valid_use_count: 0 }) },
    )
    const { client } = clientOf(server)
    const attributes = request({ 'context.proxy_version': '1', 'source.ip': 'x' })
    t.equal((await client.check(attributes)).allowed, true, 'this check, too')
    t.equal((await client.check(attributes)).allowed, true)
    t.same(
      server.checks.map(({ globalWordCount }) => globalWordCount),
      [222, words, words],
    )
    for (const { attributes: seen } of server.checks) t.equal(seen.get('context.proxy_version'), '1')
    t.match(client.statistics(), { dictionaryFallbacks: 1, remoteRetries: 0 })
  }
})

t.test('a server that refuses every dictionary is not asked for ever', async t => {
  const status = { code: 3, message: 'Request could not be processed due to invalid everything' }
  const { client, server } = clientOf(new ScriptedServer(() => ({ status })))
  t.equal((await client.check({})).allowed, false)
  t.equal(server.checks.length, 2)
})

t.test('a closed client ends what is under way, and fails what comes later', async t => {
  const { client, server, clock } = clientOf(new ScriptedServer(() => 'nothing'))
  const asked = client.check({})
  await settled()
  await client.close()
  await client.close()
  t.match(await asked, { allowed: false, failure: { code: 1, message: /closed/ } })
  t.match(await client.check({}), { allowed: false, failure: { code: 1 } })
  t.equal(server.closed, 1)
  t.equal(clock.pending, 0)
})

t.test('options out of their limits are refused by name', async t => {
  for (const [options, problem] of [
    [{ globalWordCount: 223 }, /globalWordCount must be a whole number from 0 to 222, not 223/],
    [{ retries: 11 }, /retries/],
    [{ timeoutMs: 0 }, /timeoutMs must be a whole number of at least 1/],
    [{ checkCacheEntries: 1.5 }, /checkCacheEntries/],
    [{ reportMaxBytes: 2_000_000 }, /reportMaxBytes/],
  ] as const)
    t.throws(() => clientOf(new ScriptedServer(), options), { name: 'RangeError', message: problem })
  const { client } = clientOf(new ScriptedServer())
  for (const amount of [0, -1, 0.5, Number.NaN])
    await t.rejects(client.check({}, [{ name: 'q', amount }]), { name: 'RangeError', message: /quota "q"/ })
})
