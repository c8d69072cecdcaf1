import { builtinTemplate, type TemplateDefinition } from '@outboard/adapters-sdk'
import t from 'tap'
import type { AdapterDirectory, Announcement } from '../../src/mixer/config/index.js'
import { accepted, loadText, refusal } from './load.js'

const template = (name: string, packageName = name): TemplateDefinition => ({
  name,
  packageName,
  variety: 'CHECK',
  methodPath: `/${packageName}.HandleService/Handle`,
  instance: {
    fullName: `${packageName}.InstanceMsg`,
    fields: [{ name: 'shelf', jsonName: 'shelf', number: 1, type: { kind: 'scalar', scalar: 'string' } }],
  },
  output: undefined,
})

/** A directory in which every address is the same adapter. */
function directory(...templates: (TemplateDefinition | undefined)[]): AdapterDirectory {
  const announcement: Announcement = {
    name: 'parcelgate',
    version: '1.2.3',
    description: '',
    templates: templates.filter(known => known !== undefined),
    settingsSchema: {},
  }
  return { announcement: async () => announcement }
}

const outside = `kind: handler
metadata: {name: far, namespace: shop}
spec: {connection: {address: "far:7070"}, params: {limit: 5}}
---
`
const parcel = `kind: instance
metadata: {name: p, namespace: shop}
spec: {template: parcel, params: {shelf: request.path}}
---
`
const caller = `kind: instance
metadata: {name: c, namespace: shop}
spec: {compiledTemplate: listentry, params: {value: request.path}}
---
`
const rule = (instances: string, handler = 'far') => `kind: rule
metadata: {name: r, namespace: shop}
spec: {actions: [{handler: ${handler}, instances: [${instances}]}]}
`
const spec = async (text: string, from?: AdapterDirectory) => {
  const loaded = await loadText(text, from === undefined ? {} : { directory: from })
  const [handler] = accepted(loaded).snapshot.handlers.values()
  if (handler === undefined) throw new Error('no handler')
  return handler
}

t.test('an adapter at an address says what it is, and brings its templates', async t => {
  const handler = await spec(outside + parcel + rule('p'), directory(template('parcel')))
  t.match(handler, {
    id: 'far.handler.shop',
    adapter: 'parcelgate',
    placement: 'auto',
    settings: { limit: 5 },
    settingsAny: undefined,
    instances: [{ name: 'p.instance.shop', template: 'parcel' }],
  })
  t.same([...handler.templates.keys()], ['parcel'])
})

t.test('an adapter that does not answer still gets instances of built-in templates', async t => {
  const handler = await spec(outside + caller + rule('c'))
  t.match(handler, { adapter: 'far', instances: [{ template: 'listentry' }] })
})

t.test('a template that only an adapter knows needs the adapter', async t => {
  const text = outside + parcel + rule('p')
  t.match(refusal(await loadText(text)), [/^CONFIG_ADAPTER_UNREACHABLE 7:18 spec.template/])
  t.match(refusal(await loadText(text, { directory: directory() })), [/^CONFIG_UNKNOWN_TEMPLATE 7/])
})

t.test('of several adapters at one address the handler names its own', async t => {
  const text = outside.replace('{connection:', '{adapter: parcelgate, connection:') + caller + rule('c')
  const asked: (string | undefined)[] = []
  const listening: AdapterDirectory = {
    announcement: (connection, name) => {
      asked.push(name)
      return directory(builtinTemplate('listentry')).announcement(connection, name)
    },
  }
  t.match(await spec(text, listening), { adapter: 'parcelgate' })
  t.same(asked, ['parcelgate'])
  t.match(refusal(await loadText(text)), [/^CONFIG_ADAPTER_UNREACHABLE 3:17 spec.adapter/])
})

t.test('a directory that fails is an adapter that does not answer', async t => {
  const failing: AdapterDirectory = { announcement: () => Promise.reject(new Error('no network')) }
  t.match(refusal(await loadText(outside + parcel + rule('p'), { directory: failing })), [/UNREACHABLE/])
})

t.test('an adapter that answers is held to what it announces', async t => {
  const text = outside + caller + rule('c')
  const loaded = await loadText(text, { directory: directory(template('parcel')) })
  t.match(refusal(loaded), [/^CONFIG_TEMPLATE_UNSUPPORTED 11:45/])
  t.ok(accepted(await loadText(text, { directory: directory(builtinTemplate('listentry')) })))
})

t.test('an instance of a built-in template may be sent to an adapter that a document describes', async t => {
  const documents = `kind: adapter
metadata: {name: gate, namespace: shop}
spec: {templates: [listentry]}
---
kind: handler
metadata: {name: far, namespace: shop}
spec: {adapter: gate, connection: {address: "far:7070"}}
---
`
  t.match(await spec(documents + caller + rule('c')), {
    adapter: 'gate.adapter.shop',
    displayName: 'far.handler.shop',
    settingsAny: undefined,
  })
})

t.test('a built-in adapter can be run elsewhere with one word', async t => {
  const handler = await spec(
    `kind: handler
metadata: {name: far, namespace: shop}
spec:
  compiledAdapter: denier
  placement: session
  connection: {address: "far:7070"}
---
${caller}${rule('c')}`,
  )
  t.match(handler, { adapter: 'denier', placement: 'session', displayName: 'far.shop' })
})

t.test('handlers that no rule names are checked and left out', async t => {
  t.equal(accepted(await loadText(outside)).snapshot.handlers.size, 0)
  const wrong = outside.replace('far:7070', '')
  t.match(refusal(await loadText(wrong)), [/^CONFIG_MISSING_FIELD/])
})

t.test('a handler keeps its signature until something that it is opened with changes', async t => {
  const text = outside + caller + rule('c')
  const { signature } = await spec(text)
  const unrelated = `${text}---
kind: instance
metadata: {name: more, namespace: shop}
spec: {compiledTemplate: listentry, params: {value: request.host}}
`
  t.equal((await spec(unrelated)).signature, signature, 'an instance that goes elsewhere')
  t.equal((await spec(text.replace('request.path', 'request.host'))).signature, signature, 'other values')
  const changes = [
    ['limit: 5', 'limit: 6'],
    ['far:7070', 'far:7071'],
    ['spec: {connection', 'spec: {deadline: 5s, connection'],
    ['spec: {connection', 'spec: {cache: false, connection'],
    ['spec: {connection', 'spec: {placement: unary, connection'],
    ['name: c,', 'name: d,'],
  ] as const
  for (const [from, to] of changes) {
    const changed = text
      .replace(from, to)
      .replace('instances: [c]', to === 'name: d,' ? 'instances: [d]' : 'instances: [c]')
    t.not((await spec(changed)).signature, signature, to)
  }
})

t.test('a deadline is the written one, or the timeout of the connection, or the default', async t => {
  const deadline = async (more: string) =>
    (await spec(outside.replace('"far:7070"', `"far:7070"${more}`) + caller + rule('c'))).guard.deadlineMs
  t.equal(await deadline(''), 1_000)
  t.equal(await deadline(', timeout: 2s'), 2_000)
  t.equal(await deadline(', timeout: 0s'), 1_000)
  t.equal(await deadline('}, deadline: 70ms, report: {maxItems: 1'), 70)
})

t.test('params of a built-in adapter are not lost on the way to a unary one: they are refused', async t => {
  const text = (placement: string) => `kind: handler
metadata: {name: far, namespace: shop}
spec: {compiledAdapter: listchecker, placement: ${placement}, connection: {address: "far:7070"}, params: {overrides: [a]}}
---
${caller}${rule('c')}`
  t.match(refusal(await loadText(text('unary'))), [/^CONFIG_SETTINGS_INVALID 3/])
  t.ok(accepted(await loadText(text('session'))))
})
