import t from 'tap'
import { clientOf, request } from './asking.js'
import { granting } from './granting.js'
import { type Said, ScriptedServer, verdict } from './scripted-server.js'

const user = (name: string) => request({ 'source.user': name })
const one = [{ name: 'rate' }]
const everything = (amount: number) => amount

t.test('without a kept verdict a quota is charged by itself, all or nothing', async t => {
  const { client, server } = clientOf(
    granting(amount => (amount > 3 ? 0 : amount)),
    { checkCacheEntries: 0 },
  )
  t.match(await client.check(user('ann'), [{ name: 'rate', amount: 3 }]), {
    allowed: true,
    quotaFromCache: false,
  })
  t.match(await client.check(user('ann'), [{ name: 'rate', amount: 4 }]), {
    allowed: false,
    status: { code: 8, message: 'Quota is exhausted for: rate' },
    exhausted: ['rate'],
  })
  t.same(
    server.checks.map(({ quotas }) => quotas),
    [{ rate: { amount: '3' } }, { rate: { amount: '4' } }],
  )
})

t.test('a quota that is required twice is charged the sum', async t => {
  const { client, server } = clientOf(granting(everything))
  await client.check(user('ann'), [
    { name: 'rate', amount: 2 },
    { name: 'other' },
    { name: 'rate', amount: 3 },
  ])
  t.same(server.checks[0]?.quotas, { rate: { amount: '5' }, other: { amount: '1' } })
})

t.test('what a single charge needs to pass', async t => {
  const result = (fields: Record<string, unknown>): Said => ({
    answer: verdict({}, { rate: { status: {}, ...fields } }),
  })
  for (const [says, said, quotaFailPolicy, allowed] of [
    ['a unit', result({ granted_amount: 1 }), 'open', true],
    ['nothing', result({ granted_amount: 0 }), 'open', false],
    ['less than nothing', result({ granted_amount: -1 }), 'open', false],
    ['UNAVAILABLE', result({ status: { code: 14 } }), 'open', true],
    ['UNAVAILABLE', result({ status: { code: 14 } }), 'close', false],
    ['no result', { answer: verdict() }, 'open', true],
    ['no result', { answer: verdict() }, 'close', false],
  ] as const) {
    const { client } = clientOf(new ScriptedServer(() => said), { quotaFailPolicy })
    t.equal((await client.check({}, one)).allowed, allowed, `${says}, ${quotaFailPolicy}`)
  }
})

t.test('a denial says nothing of quotas', async t => {
  const denied = new ScriptedServer(() => ({ answer: verdict({ status: { code: 7 } }) }))
  const { client } = clientOf(denied, { quotaFailPolicy: 'close' })
  t.match(await client.check({}, one), { status: { code: 7 }, exhausted: [] })
  t.match(await client.check({}, one), { status: { code: 7 }, fromCache: true, quotaFromCache: undefined })
  t.equal(denied.checks.length, 1)
})

t.test('without cells every request is charged by itself', async t => {
  const { client, server } = clientOf(granting(everything), { quotaCells: 0 })
  for (let nth = 0; nth < 3; nth++) t.match(await client.check(user('ann'), one), { quotaFromCache: false })
  t.same(
    server.checks.map(({ quotas }) => quotas.rate),
    Array(3).fill({ amount: '1' }),
  )
})

t.test('a charge that cannot be asked for, beside a kept verdict', async t => {
  for (const [quotaFailPolicy, allowed] of [
    ['open', true],
    ['close', false],
  ] as const) {
    const server = granting(everything)
    const { client } = clientOf(server, { quotaFailPolicy })
    await client.check(user('ann'))
    server.check = async () => ({ kind: 'failed', status: { code: 14, message: 'gone' } })
    t.match(await client.check(user('ann'), one), { allowed, failure: { code: 14 }, fromCache: true })
    t.match(client.statistics(), quotaFailPolicy === 'open' ? { failedOpen: 1 } : { failedClosed: 1 })
  }
})

t.test('an answer whose dependence is not said is charged by itself each time', async t => {
  const { client, server } = clientOf(
    granting(everything, { referenced_attributes: { attribute_matches: [{ name: 999, condition: 2 }] } }),
  )
  for (let nth = 0; nth < 3; nth++) await client.check(user('ann'), one)
  t.same(
    server.checks.map(({ quotas }) => quotas.rate?.amount),
    ['1', '1', '1'],
  )
})
