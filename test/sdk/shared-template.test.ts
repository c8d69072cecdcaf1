import {
  allow,
  builtinTemplate,
  defineAdapter,
  deny,
  encodeInstance,
  settings,
  type TemplateDefinition,
  templateFromDescriptorSet,
  templateToDescriptorSet,
} from '@outboard/adapters-sdk'
import { AdapterProcess } from '@outboard/adapters-sdk/protocol'
import { serve } from '@outboard/adapters-sdk/serve'
import t from 'tap'
import { calls, check, configure, MemorySession, memoryProcess, settled } from './support/memory-session.js'
import { hello, unary } from './support/raw-host.js'
import { field } from './support/wire.js'

function listentry(): TemplateDefinition {
  const template = builtinTemplate('listentry')
  if (template === undefined) throw new Error('listentry is gone')
  return template
}

/** As one that an adapter has read from a file of its own. */
const read = () => templateFromDescriptorSet(templateToDescriptorSet(listentry()))

function adapter(name: string, template: TemplateDefinition) {
  return defineAdapter({
    name,
    version: '1',
    description: '',
    templates: [template],
    settings: settings.object({}),
    open: () => ({ check: () => (name === 'a' ? allow() : deny('NOT_FOUND', `from ${name}`)) }),
  })
}

t.test('Adapters that each bring a copy of one template are served together', async t => {
  const adapters = [adapter('a', read()), adapter('b', read()), adapter('c', listentry())]
  const process = new AdapterProcess(adapters)
  t.equal(process.templates.length, 1)
  t.same(
    process.announced.map(each => each.templates),
    [[1], [1], [1]],
  )
  const { pool, clock } = memoryProcess(adapter('unused', listentry()))
  const host = new MemorySession(process, pool, clock, {})
  host.send(hello, configure(1, 1, {}, 'a'), configure(2, 1, {}, 'b'))
  await settled()
  t.match(host.take(), [{ kind: 'hello' }, { kind: 'ready' }, { kind: 'ready' }])
  host.send(calls(check(1, 'x'), check(2, 'x', { handler: 2 }), check(3, 'x', { template: 2 })))
  await settled()
  const [frame] = host.take()
  t.match(frame?.kind === 'results' && [...frame.results].sort((a, b) => a.id - b.id), [
    { id: 1, verdict: { kind: 'allow' } },
    { id: 2, verdict: { kind: 'deny', message: 'from b' } },
    { id: 3, code: 'ADAPTER_PROTOCOL', message: /has no template 2/ },
  ])
  const served = await serve(adapters, { log: () => {} })
  t.teardown(() => served.close())
  const instance = encodeInstance(listentry(), { name: 'i.instance.ns', template: 'listentry', fields: {} })
  t.equal((await unary(served.address, listentry().methodPath, field(1, instance))).length, 0)
})

t.test('Templates of one method that differ cannot be, and whose they are is said', async t => {
  const other = { ...listentry(), instance: { ...listentry().instance, fields: [] } }
  t.throws(() => new AdapterProcess([adapter('a', listentry()), adapter('b', other)]), {
    name: 'TypeError',
    message: /adapters "a" and "b" cannot be served together.*\/listentry.*HandleListEntry differ/,
  })
})
