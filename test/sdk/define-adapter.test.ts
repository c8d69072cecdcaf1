import {
  type AdapterDefinition,
  AdapterError,
  type AdapterHost,
  allow,
  type Call,
  defineAdapter,
  type HandlerVerbs,
  type Instance,
  SettingsError,
  settings,
} from '@outboard/adapters-sdk'
import t from 'tap'

const host: AdapterHost = {
  handler: 'h.handler.ns',
  instances: [],
  now: () => 0,
  log: () => {},
  invalidate: () => {},
}
const instance: Instance = { name: 'i', template: 'listentry', fields: {} }
const call: Call = {
  dedupId: '',
  deadline: Number.POSITIVE_INFINITY,
  traceparent: undefined,
  signal: new AbortController().signal,
}
const empty = settings.object({})

function adapter(verbs: HandlerVerbs, templates: AdapterDefinition['templates'] = ['listentry']) {
  return defineAdapter({
    name: 'a',
    version: '1',
    description: '',
    templates,
    settings: empty,
    open: () => verbs,
  })
}

t.test('A definition that cannot be is refused where it is made', async t => {
  const make = (more: Partial<AdapterDefinition>) => () =>
    defineAdapter({
      name: 'a',
      version: '1',
      description: '',
      templates: [],
      settings: empty,
      open: () => ({}),
      ...more,
    })
  t.throws(make({ name: 'Not A Label' }), { name: 'TypeError', message: /DNS label/ })
  t.throws(make({ templates: ['listentri'] }), { message: /not built in; did you mean "listentry"/ })
  t.throws(make({ templates: ['quota', 'quota'] }), { message: /"quota" twice/ })
  const bent = (more: object) => () => make(Object.assign({}, more))()
  t.throws(bent({ name: undefined }), { message: /DNS label/ })
  t.throws(bent({ version: 1 }), {
    name: 'TypeError',
    message: /"a" cannot be defined: version must be text/,
  })
  t.throws(bent({ description: undefined }), { message: /description must be text/ })
  t.throws(bent({ templates: 'listentry' }), { message: /templates must be a list/ })
  t.throws(bent({ templates: [undefined] }), { message: /names template "undefined"/ })
  t.throws(bent({ settings: undefined }), { message: /settings must be a schema/ })
  t.throws(bent({ open: undefined }), { message: /open must be a function/ })
  t.same(
    make({ templates: ['quota', 'metric'] })().templates.map(each => each.name),
    ['quota', 'metric'],
  )
})

t.test('Settings are resolved before the author sees them', async t => {
  const seen: unknown[] = []
  const made = defineAdapter({
    name: 'a',
    version: '1',
    description: '',
    templates: ['listentry'],
    settings: settings.object({ size: settings.integer({ default: 3, max: 5 }) }),
    open(given) {
      seen.push(given)
      if (given.size === 4) throw new SettingsError([{ path: 'size', message: 'not four' }])
      return { check: () => allow() }
    },
  })
  await made.open({}, host)
  t.same(seen, [{ size: 3 }])
  await t.rejects(made.open({ size: 6, sise: 1 }, host), {
    name: 'SettingsError',
    message: 'sise: is not known; did you mean size?; size: must be at most 5, not 6',
  })
  await t.rejects(made.open({ size: 4 }, host), { name: 'SettingsError', message: 'size: not four' })
  t.equal(seen.length, 2)
})

t.test('An author’s validate is asked before open, and without it by tools that open nothing', async t => {
  const steps: string[] = []
  const made = defineAdapter({
    name: 'a',
    version: '1',
    description: '',
    templates: ['listentry'],
    settings: settings.object({ names: settings.list(settings.string()) }),
    async validate({ names }, instances) {
      steps.push('validate')
      const unknown = instances.filter(({ name }) => !names.includes(name))
      if (unknown.length > 0)
        throw new SettingsError(unknown.map(({ name }) => ({ path: 'names', message: `lacks ${name}` })))
    },
    open() {
      steps.push('open')
      return { check: () => allow() }
    },
  })
  const sent = [{ name: 'i', template: 'listentry' }]
  const refusal = { name: 'SettingsError', problems: [{ path: 'names', message: 'lacks i' }] }
  await t.rejects(made.validate({ names: [] }, sent), refusal)
  await t.rejects(made.open({ names: [] }, { ...host, instances: sent }), refusal)
  t.same(steps.splice(0), ['validate', 'validate'], 'nothing was opened')
  await made.validate({ names: ['i'] }, sent)
  t.same(steps.splice(0), ['validate'])
  await made.open({ names: ['i'] }, { ...host, instances: sent })
  t.same(steps.splice(0), ['validate', 'open'])
  await t.rejects(made.validate({ nams: [] }, sent), {
    name: 'SettingsError',
    message: /^nams: is not known/,
  })
  t.same(steps, [], 'what the schema refuses is not shown to the author')
  t.equal(await adapter({ check: () => allow() }).validate({}, sent), undefined, 'validate may be left out')
})

t.test('A handler without a verb that its templates need is not opened', async t => {
  await t.rejects(adapter({}).open({}, host), {
    code: 'ADAPTER_CRASHED',
    message: /without "check".*"listentry"/,
  })
  await t.rejects(adapter({ check: () => allow() }, ['listentry', 'metric']).open({}, host), {
    message: /"report"/,
  })
  t.ok(await adapter({ check: () => allow() }, ['keyval']).open({}, host))
  await t.rejects(adapter(JSON.parse('null')).open({}, host), { message: /without "check"/ })
})

t.test('Whatever a verb throws is a rejection with an AdapterError', async t => {
  const throwing = await adapter({
    check() {
      throw new Error('at once')
    },
  }).open({}, host)
  await t.rejects(throwing.check(instance, call), {
    name: 'AdapterError',
    code: 'ADAPTER_CRASHED',
    message: /at once/,
  })
  const own = new AdapterError('ADAPTER_UNAVAILABLE', 'the list is away')
  const rejecting = await adapter({ check: () => Promise.reject(own) }).open({}, host)
  t.equal(await rejecting.check(instance, call).catch((thrown: unknown) => thrown), own)
  for (const refused of [
    rejecting.quota(instance, { amount: 1n, bestEffort: false }, call),
    rejecting.report([instance], call),
    rejecting.produce(instance, call),
  ]) {
    await t.rejects(Promise.resolve<unknown>(refused), { code: 'ADAPTER_CRASHED', message: /has no verb/ })
  }
})

t.test('Close waits for calls under way, takes nothing new, and is safe twice', async t => {
  let release = () => {}
  let closes = 0
  const handler = await adapter({
    check: () =>
      new Promise(resolve => {
        release = () => resolve(allow())
      }),
    close() {
      closes++
    },
  }).open({}, host)
  const under = handler.check(instance, call)
  const closing = handler.close()
  t.equal(handler.close(), closing)
  await t.rejects(handler.check(instance, call), { code: 'ADAPTER_DRAINING' })
  t.equal(closes, 0)
  release()
  t.match(await under, { kind: 'allow' })
  await closing
  t.equal(closes, 1)
})

t.test('A call that rejects also counts as finished', async t => {
  const handler = await adapter({ check: async () => Promise.reject(new Error('no')) }).open({}, host)
  const under = handler.check(instance, call).catch(() => 'rejected')
  await handler.close()
  t.equal(await under, 'rejected')
})
