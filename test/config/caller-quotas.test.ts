import t from 'tap'
import { AttributeBag } from '../../src/mixer/attributes/index.js'
import { accepted, loadText } from './load.js'

const configuration = `kind: QuotaSpec
metadata: {name: writes, namespace: shop}
spec:
  rules:
  - match:
    - clause: {request.method: {exact: POST}, request.path: {prefix: /items}}
    - clause: {request.path: {regex: '/orders/[0-9]+'}}
    quotas: [{quota: writes, charge: 2}, {quota: all}]
  - quotas: [{quota: all, charge: 3}]
---
kind: QuotaSpecBinding
metadata: {name: writes, namespace: shop}
spec:
  quotaSpecs: [{name: writes}]
  services: [{name: cart}, {service: cart.example.com}, {name: other, namespace: bank, labels: {version: v2}}]
---
kind: QuotaSpec
metadata: {name: everyone, namespace: mesh}
spec: {rules: [{quotas: [{quota: global, charge: 1}]}]}
---
kind: QuotaSpecBinding
metadata: {name: everyone, namespace: mesh}
spec: {quotaSpecs: [{name: everyone}], services: [{service: "*"}, {service: "*"}]}
`

async function chargesOf(facts: Readonly<Record<string, unknown>>) {
  const { snapshot } = accepted(await loadText(configuration))
  const bag = new AttributeBag(snapshot.vocabulary)
  for (const [name, value] of Object.entries(facts)) bag.setByName(name, value)
  const charges = Object.fromEntries([...snapshot.callerQuotas.charges(bag)].map(([k, v]) => [k, Number(v)]))
  return { charges, looked: bag.references.print(snapshot.vocabulary) }
}
const cart = { 'destination.service.name': 'cart', 'destination.service.namespace': 'shop' }

t.test('clauses of one match must all hold; any match is enough; no match is always', async t => {
  const charges = async (facts: Record<string, unknown>) => (await chargesOf({ ...cart, ...facts })).charges
  t.same(await charges({ 'request.method': 'POST', 'request.path': '/items/1' }), {
    writes: 2,
    all: 4,
    global: 1,
  })
  t.same(await charges({ 'request.method': 'GET', 'request.path': '/items/1' }), { all: 3, global: 1 })
  t.same(await charges({ 'request.path': '/orders/17' }), { writes: 2, all: 4, global: 1 })
  t.same(await charges({ 'request.path': '/orders/17/lines' }), { all: 3, global: 1 }, 'the whole text')
  t.same(await charges({}), { all: 3, global: 1 }, 'an absent attribute holds nothing')
})

t.test('a service is known by name and namespace, or by host', async t => {
  const bound = async (facts: Record<string, unknown>) => 'all' in (await chargesOf(facts)).charges
  t.ok(await bound(cart))
  t.notOk(await bound({ ...cart, 'destination.service.namespace': 'bank' }))
  t.notOk(await bound({}))
  for (const host of [
    'cart.example.com',
    'Cart.Example.COM',
    'cart.shop.svc.cluster.local',
    'cart.shop.svc',
    'cart.shop',
  ])
    t.ok(await bound({ 'destination.service.host': host }), host)
  t.notOk(await bound({ 'destination.service.host': 'cart' }))
})

t.test('a binding with labels is for destinations that carry them', async t => {
  const other = { 'destination.service.name': 'other', 'destination.service.namespace': 'bank' }
  const bound = async (version: string) =>
    'all' in (await chargesOf({ ...other, 'destination.labels': new Map([['version', version]]) })).charges
  t.ok(await bound('v2'))
  t.notOk(await bound('v1'))
})

t.test('what was looked at is recorded', async t => {
  const { looked } = await chargesOf({ ...cart, 'request.method': 'GET' })
  t.same(looked, [
    '-destination.service.host',
    '-request.path',
    'destination.service.name',
    'destination.service.namespace',
    'request.method',
  ])
})

t.test('a quota that no rule has an instance of is noted, with the nearest that one has', async t => {
  const { notes } = accepted(
    await loadText(`kind: QuotaSpec
metadata: {name: s, namespace: shop}
spec:
  rules:
  - quotas: [{quota: Writes}, {quota: wrtes}]
---
kind: handler
metadata: {name: h, namespace: shop}
spec: {compiledAdapter: noop}
---
kind: instance
metadata: {name: writes, namespace: shop}
spec: {compiledTemplate: quota}
---
kind: rule
metadata: {name: r, namespace: shop}
spec: {actions: [{handler: h, instances: [writes]}]}
`),
  )
  t.match(notes, [{ at: { line: 5, column: 39 }, message: /"wrtes".*did you mean "writes"/ }])
  t.equal(notes.length, 1)
})

t.test('without documents nothing is charged, and nothing looked at', async t => {
  const { snapshot } = accepted(await loadText(''))
  const bag = new AttributeBag(snapshot.vocabulary)
  t.equal(snapshot.callerQuotas.charges(bag).size, 0)
  t.same(bag.references.list(), [])
})
