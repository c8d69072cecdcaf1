import t from 'tap'
import { settled } from '../support/manual-clock.js'
import { clientOf, request } from './asking.js'
import { granting } from './granting.js'
import { referenced, type Said, ScriptedServer, verdict } from './scripted-server.js'

const user = (name: string) => request({ 'source.user': name })
const one = [{ name: 'rate' }]

const everything = (amount: number) => amount

t.test('with a kept verdict the stock is filled ahead, and requests do not wait', async t => {
  const { client, server } = clientOf(granting(everything))
  await client.check(user('ann'), one)
  server.hold()
  for (let nth = 0; nth < 10; nth++)
    t.match(await client.check(user('ann'), one), { allowed: true, fromCache: true, quotaFromCache: true })
  t.equal(server.checks.length, 2, 'one call fetches ten, which pass before its answer')
  t.same(server.checks[1]?.quotas, { rate: { amount: '10', best_effort: true } })
  server.release()
  await settled()
  t.match(client.statistics(), { quotaPrefetchCalls: 1, quotaCachePassed: 10, quotaCacheMisses: 1 })
})

t.test('the amount that is fetched follows the demand of the last second', async t => {
  const { client, server, clock } = clientOf(granting(everything))
  await client.check(user('ann'), one)
  for (let nth = 0; nth < 100; nth++) {
    await client.check(user('ann'), one)
    await settled()
    clock.advance(5)
  }
  const amounts = server.checks.slice(1).map(({ quotas }) => Number(quotas.rate?.amount))
  t.equal(amounts[0], 10)
  t.ok(amounts.length < 15, `${amounts.length} calls for 100 requests`)
  t.ok(Math.max(...amounts) > 50, `at most ${Math.max(...amounts)}`)
  clock.advance(20_000)
  await client.check(user('ann'), one)
  t.equal(server.checks.at(-1)?.quotas.rate?.amount, '1', 'the verdict has expired')
  await client.check(user('ann'), one)
  t.equal(server.checks.at(-1)?.quotas.rate?.amount, '10', 'the demand is forgotten')
})

t.test('a stock that was given less than asked closes, and asks again every 500 ms', async t => {
  const { client, server, clock } = clientOf(
    granting((amount, nth) => (nth === 1 ? amount : nth === 2 ? 4 : 0)),
  )
  await client.check(user('ann'), one)
  t.equal((await client.check(user('ann'), one)).allowed, true)
  await settled() // 4 of 10: 3 are left
  const passed: boolean[] = []
  for (let nth = 0; nth < 5; nth++) passed.push((await client.check(user('ann'), one)).allowed)
  t.same(passed, [true, true, true, false, false])
  t.equal(server.checks.length, 2)
  clock.advance(499)
  await client.check(user('ann'), one)
  t.equal(server.checks.length, 2)
  clock.advance(1)
  t.match(await client.check(user('ann'), one), { allowed: false, status: { code: 8 }, exhausted: ['rate'] })
  t.equal(server.checks.length, 3)
  await settled()
  t.equal((await client.check(user('ann'), one)).allowed, false)
  t.equal(server.checks.length, 3)
  t.match(client.statistics(), { quotaCachePassed: 4, quotaCacheRejected: 5 })
})

t.test('a quota that was exhausted at first sight lets nobody pass early', async t => {
  const { client, server, clock } = clientOf(granting(() => 0))
  t.equal((await client.check(user('ann'), one)).allowed, false)
  t.match(await client.check(user('ann'), one), { allowed: false, quotaFromCache: true })
  t.equal(server.checks.length, 1)
  clock.advance(500)
  t.equal((await client.check(user('ann'), one)).allowed, false)
  t.equal(server.checks.length, 2)
})

t.test('grants expire', async t => {
  const { client, server, clock } = clientOf(granting(everything, { valid_duration: { seconds: 1 } }))
  await client.check(user('ann'), one)
  await client.check(user('ann'), one)
  await settled()
  clock.advance(999)
  await client.check(user('ann'), one)
  t.equal(server.checks.length, 2)
  clock.advance(1)
  await client.check(user('ann'), one)
  t.equal(server.checks.length, 3)
})

t.test('a grant without a validity holds for a minute', async t => {
  const said = (seen: { quotas: object }): Said => ({
    answer: verdict(
      { valid_duration: null },
      Object.fromEntries(Object.keys(seen.quotas).map(name => [name, { granted_amount: 10, status: {} }])),
    ),
  })
  const { client, server, clock } = clientOf(new ScriptedServer(said))
  await client.check({}, one)
  await client.check({}, one)
  await settled()
  clock.advance(59_999)
  await client.check({}, one)
  t.equal(server.checks.length, 2)
  clock.advance(1)
  await client.check({}, one)
  t.equal(server.checks.length, 3)
})

t.test('an amount passes only as a whole', async t => {
  const { client, clock } = clientOf(granting((amount, nth) => (nth === 2 ? 4 : nth === 1 ? amount : 0)))
  const of = (amount: number) => client.check(user('ann'), [{ name: 'rate', amount }])
  await of(1)
  await of(1)
  await settled() // 3 are left
  t.equal((await of(4)).allowed, false)
  t.equal((await of(3)).allowed, true)
  t.equal((await of(1)).allowed, false)
  clock.advance(1)
})

t.test('a request stopped by one quota takes nothing of another', async t => {
  const server = new ScriptedServer(
    ({ quotas }, nth): Said => ({
      answer: verdict(
        {},
        Object.fromEntries(
          Object.entries(quotas).map(([name, { amount }]) => [
            name,
            {
              valid_duration: { seconds: 10 },
              status: {},
              granted_amount: name === 'scarce' && nth > 1 ? 0 : amount,
            },
          ]),
        ),
      ),
    }),
  )
  const { client } = clientOf(server)
  await client.check({}, [{ name: 'plenty' }, { name: 'scarce' }])
  await client.check({}, [{ name: 'plenty' }, { name: 'scarce' }])
  await settled() // plenty has 9; scarce has none
  for (let nth = 0; nth < 20; nth++)
    t.same((await client.check({}, [{ name: 'plenty' }, { name: 'scarce' }])).exhausted, ['scarce'])
  server.hold()
  t.equal((await client.check({}, [{ name: 'plenty', amount: 9 }])).quotaFromCache, true)
})

t.test('users are charged to themselves, from their first request on', async t => {
  const { client, server } = clientOf(granting(everything))
  await client.check(user('ann'), one)
  await client.check(user('ann'), one)
  await settled()
  t.match(await client.check(user('bob'), one), { allowed: true, quotaFromCache: false })
  t.equal(server.checks.at(-1)?.attributes.get('source.user'), 'bob')
  t.same(server.checks.at(-1)?.quotas, { rate: { amount: '1' } })
  await client.check(user('bob'), one)
  t.same(server.checks.at(-1)?.quotas, { rate: { amount: '10', best_effort: true } })
  t.equal(server.checks.at(-1)?.attributes.get('source.user'), 'bob')
})

t.test('stock that cannot be fetched: open lets pass, close does not', async t => {
  for (const [quotaFailPolicy, wanted] of [
    ['open', Array(12).fill(true)],
    ['close', [...Array(3).fill(true), ...Array(9).fill(false)]],
  ] as const) {
    const server = granting(everything)
    const { client } = clientOf(server, { quotaFailPolicy })
    await client.check(user('ann'), one)
    server.check = async () => ({ kind: 'failed', status: { code: 14, message: 'gone' } })
    const passed: boolean[] = []
    // Three at once, before the failure is known; then one by one.
    for (const outcome of await Promise.all([1, 2, 3].map(() => client.check(user('ann'), one))))
      passed.push(outcome.allowed)
    for (let nth = 3; nth < 12; nth++) {
      await settled()
      passed.push((await client.check(user('ann'), one)).allowed)
    }
    t.same(passed, wanted, quotaFailPolicy)
  }
})

t.test('a denial in the answer to a prefetch counts from then on, and gives no stock', async t => {
  const server = granting(everything)
  const { client } = clientOf(server)
  await client.check(user('ann'), one)
  const denies = new ScriptedServer(() => ({ answer: verdict({ status: { code: 7, message: 'banned' } }) }))
  server.check = denies.check.bind(denies)
  t.equal((await client.check(user('ann'), one)).allowed, true)
  await settled()
  t.match(await client.check(user('ann'), one), { allowed: false, status: { code: 7 }, fromCache: true })
})

t.test('a cell whose quota has come to depend on something else is let go', async t => {
  let depends = referenced()
  const server = new ScriptedServer(
    ({ quotas }): Said => ({
      answer: verdict(
        {},
        Object.fromEntries(
          Object.entries(quotas).map(([name, { amount }]) => [
            name,
            {
              valid_duration: { seconds: 10 },
              status: {},
              granted_amount: amount,
              referenced_attributes: depends,
            },
          ]),
        ),
      ),
    }),
  )
  const { client } = clientOf(server)
  await client.check(user('ann'), one)
  depends = referenced({ name: 'source.user' })
  t.equal((await client.check(user('ann'), one)).quotaFromCache, true)
  await settled()
  t.equal((await client.check(user('bob'), one)).quotaFromCache, false)
  t.equal((await client.check(user('ann'), one)).quotaFromCache, false)
  t.equal((await client.check(user('ann'), one)).quotaFromCache, true)
})

t.test('calls under way for one cell are bounded', async t => {
  const { client, server } = clientOf(granting(everything))
  await client.check(user('ann'), one)
  server.hold()
  for (let nth = 0; nth < 50; nth++)
    await client.check(user('ann'), [{ name: 'rate', amount: 1_000 * (nth + 1) }])
  t.equal(server.checks.length, 1 + 16)
})

t.test('cells are bounded in number, and an idle one is forgotten', async t => {
  const { client, clock } = clientOf(
    new ScriptedServer(
      ({ quotas, attributes }): Said => ({
        answer: verdict(
          { valid_duration: null },
          Object.fromEntries(
            Object.entries(quotas).map(([name, { amount }]) => [
              name,
              {
                valid_duration: { seconds: 10_000 },
                status: {},
                granted_amount: amount,
                referenced_attributes: referenced(...(attributes.size > 0 ? [{ name: 'source.user' }] : [])),
              },
            ]),
          ),
        ),
      }),
    ),
    { quotaCells: 2 },
  )
  for (const name of ['ann', 'bob', 'eve']) await client.check(user(name), one)
  t.equal((await client.check(user('eve'), one)).quotaFromCache, true)
  t.equal((await client.check(user('bob'), one)).quotaFromCache, true)
  t.equal((await client.check(user('ann'), one)).quotaFromCache, false)
  await settled()
  clock.advance(600_000)
  t.equal((await client.check(user('ann'), one)).quotaFromCache, true)
  clock.advance(600_001)
  t.equal((await client.check(user('ann'), one)).quotaFromCache, false)
})
