import t from 'tap'
import { AttributeBag } from '../../src/mixer/attributes/index.js'
import { accepted, loadText, type Options } from './load.js'

const handler = (namespace: string) => `kind: handler
metadata: {name: h, namespace: ${namespace}}
spec: {compiledAdapter: noop}
---
kind: instance
metadata: {name: i, namespace: ${namespace}}
spec: {compiledTemplate: checknothing}
---
`
const rule = (name: string, namespace: string, more = '') => `kind: rule
metadata: {name: ${name}, namespace: ${namespace}${more.startsWith('annotations') ? `, ${more}` : ''}}
spec:
  actions: [{handler: h, instances: [i]}]
${more.startsWith('annotations') ? '' : more}---
`

async function found(text: string, facts: Readonly<Record<string, string>>, options: Options = {}) {
  const { snapshot } = accepted(await loadText(text, options))
  const bag = new AttributeBag(snapshot.vocabulary)
  for (const [name, value] of Object.entries(facts)) bag.setByName(name, value)
  return snapshot.rules.match('check', bag).rules.map(({ name }) => name.split('.', 1)[0])
}

const text =
  handler('istio-system') +
  handler('shop') +
  handler('bank') +
  rule('mesh-b', 'istio-system') +
  rule('mesh-a', 'istio-system') +
  rule('shop-low', 'shop') +
  rule('shop-high', 'shop', '  priority: 5\n') +
  rule('bank-only', 'bank') +
  rule('mesh-last', 'istio-system', '  priority: -1\n') +
  rule('edits', 'istio-system', '  requestHeaderOperations: [{name: x, operation: REMOVE}]\n')

t.test('rules of the default namespace come first, then those of the request’s own', async t => {
  const everywhere = ['edits', 'mesh-a', 'mesh-b', 'mesh-last']
  t.same(await found(text, {}), everywhere)
  t.same(await found(text, { 'destination.namespace': 'nowhere' }), everywhere)
  t.same(await found(text, { 'destination.namespace': 'istio-system' }), everywhere)
  t.same(await found(text, { 'destination.namespace': 'shop' }), [...everywhere, 'shop-high', 'shop-low'])
})

t.test('who reports decides whose namespace counts', async t => {
  const both = { 'destination.namespace': 'shop', 'source.namespace': 'bank' }
  const own = async (facts: Record<string, string>) =>
    (await found(text, facts)).filter(name => !name?.startsWith('mesh') && name !== 'edits')
  t.same(await own({ ...both, 'context.reporter.kind': 'inbound' }), ['shop-high', 'shop-low'])
  t.same(await own({ ...both, 'context.reporter.kind': 'outbound' }), ['bank-only'])
  t.same(await own({ ...both, 'context.reporter.kind': 'gateway' }), [])
})

t.test('the default namespace can be another one', async t => {
  const options = { defaultNamespace: 'bank' }
  t.same(await found(text, { 'destination.namespace': 'shop' }, options), [
    'bank-only',
    'shop-high',
    'shop-low',
  ])
})

t.test('an absent attribute is the empty text in CEL, and the index does not hide it', async t => {
  const cel = Array.from({ length: 20 }, (_, i) =>
    rule(`cel-${i}`, 'shop', 'annotations: {policy.istio.io/lang: CEL}').replace(
      'spec:\n',
      `spec:\n  match: request.method == "${i === 7 ? '' : `M${i}`}"\n`,
    ),
  )
  t.same(await found(handler('shop') + cel.join(''), { 'destination.namespace': 'shop' }), ['cel-7'])
})
