import t from 'tap'
import { AttributeBag } from '../../src/mixer/attributes/index.js'
import { accepted, loadText } from './load.js'

const configuration = `kind: HTTPAPISpec
metadata: {name: cartapi, namespace: shop}
spec:
  attributes: {attributes: {api.service: {stringValue: cart}, api.version: {stringValue: v2}}}
  patterns:
  - attributes: {attributes: {api.operation: {stringValue: regex}}}
    regex: /items/.*
  - attributes: {attributes: {api.operation: {stringValue: getItem}, request.size: {int64Value: "7"}}}
    httpMethod: GET
    uriTemplate: /items/{id}
  - attributes: {attributes: {api.operation: {stringValue: special}}}
    httpMethod: GET
    uriTemplate: /items/special
  - attributes: {attributes: {api.operation: {stringValue: file}}}
    uriTemplate: "/files/{+path}{?download}"
---
kind: HTTPAPISpecBinding
metadata: {name: cartapi, namespace: shop}
spec: {services: [{name: cart}], apiSpecs: [{name: cartapi}]}
`

type Same = Pick<typeof t, 'same'>

async function applied(t: Same, facts: Readonly<Record<string, unknown>>, text = configuration) {
  const { snapshot } = accepted(await loadText(text))
  const { vocabulary } = snapshot
  const bag = new AttributeBag(vocabulary)
  const cart = { 'destination.service.name': 'cart', 'destination.service.namespace': 'shop' }
  for (const [name, value] of Object.entries({ ...cart, ...facts })) bag.setByName(name, value)
  snapshot.api.apply(bag)
  t.same(bag.references.list(), [], 'nothing is recorded')
  return (name: string) => bag.peek(vocabulary.slot(name) ?? -1)
}

t.test('the most specific pattern gives its attributes, and the document its own', async t => {
  const item = await applied(t, { 'request.method': 'GET', 'request.path': '/items/5?x=1' })
  t.same(['api.operation', 'api.service', 'api.version', 'request.size'].map(item), [
    'getItem',
    'cart',
    'v2',
    7,
  ])
  const special = await applied(t, { 'request.method': 'GET', 'request.url_path': '/items/special' })
  t.equal(special('api.operation'), 'special')
  const other = await applied(t, { 'request.method': 'PUT', 'request.path': '/items/5' })
  t.equal(other('api.operation'), 'regex', 'patterns for other methods do not count')
  const file = await applied(t, { 'request.path': '/files/a/b/c' })
  t.equal(file('api.operation'), 'file')
  const none = await applied(t, { 'request.method': 'GET', 'request.path': '/else' })
  t.same(['api.operation', 'api.service'].map(none), [undefined, undefined])
})

t.test('what the request says already stays', async t => {
  const item = await applied(t, {
    'request.method': 'GET',
    'request.path': '/items/5',
    'api.operation': 'mine',
  })
  t.same(['api.operation', 'api.service'].map(item), ['mine', 'cart'])
})

t.test('a key is looked for in the usual places when the document names none', async t => {
  const query = await applied(t, { 'request.query_params': new Map([['api_key', 'q']]) })
  t.equal(query('request.api_key'), 'q')
  const both = await applied(t, {
    'request.query_params': new Map([['key', 'first']]),
    'request.headers': new Map([['x-api-key', 'second']]),
  })
  t.equal(both('request.api_key'), 'first')
})

t.test('a key is looked for only where the document says', async t => {
  const text = configuration.replace(
    '  patterns:',
    '  apiKeys: [{header: X-Shop-Key}, {cookie: shop}]\n  patterns:',
  )
  const header = await applied(t, { 'request.headers': new Map([['x-shop-key', 'h']]) }, text)
  t.equal(header('request.api_key'), 'h')
  const cookie = await applied(t, { 'request.headers': new Map([['cookie', 'a=1; shop=c=d; b=2']]) }, text)
  t.equal(cookie('request.api_key'), 'c=d')
  const query = await applied(t, { 'request.query_params': new Map([['key', 'q']]) }, text)
  t.equal(query('request.api_key'), undefined)
})

t.test('other services are left alone', async t => {
  const item = await applied(t, { 'destination.service.namespace': 'bank', 'request.path': '/items/5' })
  t.equal(item('api.service'), undefined)
})
