import { allow, builtinTemplate, defineAdapter, deny, encodeInstance, settings } from '@outboard/adapters-sdk'
import { serve } from '@outboard/adapters-sdk/serve'
import t, { type Test } from 'tap'
import { unary } from './support/raw-host.js'
import { field, text } from './support/wire.js'

const method = '/listentry.HandleListEntryService/HandleListEntry'

/** Turns away what its settings ban. */
function bouncer(name: string, message: string | undefined, number: number | undefined) {
  const options = number === undefined ? {} : { field: number }
  return defineAdapter({
    name,
    version: '1',
    description: '',
    templates: ['listentry'],
    settings: settings.object(
      { banned: settings.list(settings.string(), options) },
      message === undefined ? {} : { message },
    ),
    open: ({ banned }) => ({
      check: ({ fields: { value } }) =>
        typeof value === 'object' && 'value' in value && banned.includes(String(value.value))
          ? deny('PERMISSION_DENIED', `${name} says no`)
          : allow(),
    }),
  })
}

async function serving(t: Test, ...adapters: ReturnType<typeof bouncer>[]): Promise<string> {
  const served = await serve(adapters, { log: () => {} })
  t.teardown(() => served.close())
  return served.address
}

/** A request about `k`, with `adapter_config` of a type. */
function request(typeName: string, value: Uint8Array): Buffer {
  const template = builtinTemplate('listentry')
  if (template === undefined) throw new Error('listentry is gone')
  const fields = { value: { type: 'STRING', value: 'k' } } as const
  const instance = encodeInstance(template, { name: 'i.instance.ns', template: 'listentry', fields })
  const url = typeName === '' ? Buffer.alloc(0) : field(1, text(`type.googleapis.com/${typeName}`))
  return Buffer.concat([field(1, instance), field(2, Buffer.concat([url, field(2, value)]))])
}

const bansK = field(1, text('k'))
const nothing = Buffer.alloc(0)

t.test('Settings that an adapter has no way to read are refused, and never passed over', async t => {
  const address = await serving(t, bouncer('bouncer', undefined, undefined))
  for (const bytes of [bansK, Buffer.from([0xff, 0xff])]) {
    await t.rejects(unary(address, method, request('adapter.bouncer.config.Params', bytes)), {
      code: 9,
      details: /"bouncer" takes no adapter_config: its settings name no protobuf message/,
    })
  }
  t.equal((await unary(address, method, request('', nothing))).length, 0, 'no bytes are no settings')
})

t.test('A message without a single numbered field takes none', async t => {
  const address = await serving(t, bouncer('bouncer', 'b.Params', undefined))
  await t.rejects(unary(address, method, request('b.Params', bansK)), {
    code: 3,
    details: /no setting here has a number/,
  })
})

t.test('Garbage as settings is INVALID_ARGUMENT, and good ones hold', async t => {
  const address = await serving(t, bouncer('bouncer', 'b.Params', 1))
  for (const garbage of [Buffer.from([0xff, 0xff]), Buffer.from([0x08, 1]), Buffer.from([0x0a, 9])]) {
    await t.rejects(unary(address, method, request('b.Params', garbage)), { code: 3 })
  }
  t.match((await unary(address, method, request('b.Params', bansK))).toString(), /bouncer says no/)
})

t.test(
  'Among several adapters of a template the type of the settings decides, and must be one of theirs',
  async t => {
    const address = await serving(t, bouncer('one', 'one.Params', 1), bouncer('two', 'two.Params', 1))
    t.match((await unary(address, method, request('two.Params', bansK))).toString(), /two says no/)
    await t.rejects(unary(address, method, request('three.Params', bansK)), {
      code: 9,
      details: /No adapter here has settings of the type three\.Params/,
    })
  },
)
