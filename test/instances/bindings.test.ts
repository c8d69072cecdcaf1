import t from 'tap'
import { type AttributeValue, Vocabulary } from '../../src/mixer/attributes/index.js'
import { compileInstance } from '../../src/mixer/config/instances/index.js'
import type { CompiledInstance } from '../../src/mixer/config/snapshot.js'
import { EvalFailure } from '../../src/mixer/expr/index.js'
import { bagOf, compiled, found, problems, template, vocabulary } from './support.js'

const kubernetes = template('kubernetes')
const sampleapa = template('sampleapa')

/** What the first binding gives when an output field holds a value. */
function bound(instance: CompiledInstance, outputs: Readonly<Record<string, AttributeValue>>): unknown {
  const more = Object.entries(outputs).map(([field, value]) => {
    const slot = instance.outputSlots.get(field)
    if (slot === undefined) throw new TypeError(field)
    return [slot, value] as const
  })
  const bag = bagOf({ 'a.string': 'from the caller' }).extended(instance.bindingVocabulary, more)
  const result = instance.bindings[0]?.expression.eval(bag)
  return result instanceof EvalFailure ? result.message : result
}

t.test('Bindings of compiled templates read outputs as $out', async t => {
  const instance = compiled({
    template: kubernetes,
    style: 'compiled',
    params: { source_ip: 'a.ip' },
    bindings: {
      'a.string': '$out.source_pod_name | "none"',
      'a.labels': '$out.source_labels | emptyStringMap()',
    },
  })
  t.equal(instance.bindings.length, 2)
  t.equal(instance.bindings[0]?.slot, vocabulary.slot('a.string'))
  t.equal(instance.outputSlots.size, 23)
  t.equal(bound(instance, { source_pod_name: 'pod' }), 'pod')
  t.equal(bound(instance, {}), 'none')
})

t.test('Bindings of template documents read outputs as output', async t => {
  const instance = compiled({
    template: sampleapa,
    style: 'dynamic',
    bindings: { 'a.int': 'output.int64Primitive' },
  })
  t.equal(bound(instance, { int64Primitive: 7 }), 7)
  t.match(bound(instance, {}), /lookup failed/)
})

t.test('$out inside a literal stays what it is', async t => {
  const bind = (text: string) =>
    compiled({ template: kubernetes, style: 'compiled', bindings: { 'a.string': text } })
  t.equal(bound(bind('$out.source_pod_name | "$out.x"'), {}), '$out.x')
  t.equal(bound(bind('$out.source_pod_name | "a\\"$out.x"'), {}), 'a"$out.x')
  t.equal(bound(bind('$out.source_pod_name | `\\$out.`'), {}), '\\$out.')
  t.equal(bound(bind('"$out." + $out.source_pod_name'), { source_pod_name: 'p' }), '$out.p')
})

t.test('The older kind has its bindings inside', async t => {
  const result = compileInstance({
    name: 'i.kubernetes.ns',
    template: kubernetes,
    style: 'compiled',
    params: { source_uid: '"x"', attribute_bindings: { 'a.string': '$out.source_pod_nam' } },
    bindings: undefined,
    vocabulary,
    language: 'CEXL',
    paramsPath: [],
  })
  t.match(result, {
    ok: false,
    problems: [
      { path: ['attribute_bindings', 'a.string'], code: 'INSTANCE_EXPRESSION', at: { line: 1, column: 1 } },
    ],
  })
})

t.test('What cannot be bound is told, in the words of the document', async t => {
  const bindings = {
    'a.sting': '$out.source_pod_name',
    'a.int': '$out.source_pod_name',
    'a.ip': '$out.source_pod_ip +',
    'a.string': '"$out." + $out.source_pod_nme',
    'a.bool': true,
  }
  t.same(problems({ template: kubernetes, style: 'compiled', bindings }), [
    'attributeBindings["a.sting"] INSTANCE_BINDING_ATTRIBUTE',
    'attributeBindings["a.int"] INSTANCE_BINDING_TYPE',
    'attributeBindings["a.ip"] INSTANCE_EXPRESSION',
    'attributeBindings["a.string"] INSTANCE_EXPRESSION',
    'attributeBindings["a.bool"] INSTANCE_BINDINGS',
  ])
  const messages = found({ template: kubernetes, style: 'compiled', bindings })
  t.match(messages[0]?.message, /no attribute "a\.sting" is declared; did you mean "a\.string"\?/)
  t.match(messages[1]?.message, /a\.int is of type INT64, the expression of type STRING/)
  t.match(messages[3], {
    message: /unknown attribute \$out\.source_pod_nme; did you mean "\$out\.source_pod_name"/,
    at: { column: 11 },
  })
  t.same(
    problems({ template: kubernetes, style: 'dynamic', bindings: { 'a.string': '$out.source_pod_name' } }),
    ['attributeBindings["a.string"] INSTANCE_EXPRESSION'],
  )
  t.same(problems({ template: kubernetes, style: 'compiled', bindings: ['x'] }), [
    'attributeBindings INSTANCE_BINDINGS',
  ])
  t.same(
    problems({ template: template('metric'), style: 'compiled', bindings: { 'a.string': 'a.string' } }),
    ['attributeBindings INSTANCE_BINDINGS'],
  )
})

t.test('A template that produces nothing may have an empty map of bindings, and has no outputs', async t => {
  const instance = compiled({ template: template('keyval'), style: 'compiled', bindings: {} })
  t.equal(instance.outputSlots.size, 0)
  t.equal(instance.bindingVocabulary, vocabulary)
})

t.test('Declared attributes that begin like the private prefix stay reachable', async t => {
  const own = new Vocabulary([
    { name: '_out.source_pod_name', type: 'INT64' },
    { name: 'a.string', type: 'STRING' },
  ])
  const instance = compiled({
    template: kubernetes,
    style: 'compiled',
    vocabulary: own,
    bindings: { 'a.string': '$out.source_pod_name' },
  })
  t.equal(instance.bindings[0]?.expression.type, 'STRING')
})
