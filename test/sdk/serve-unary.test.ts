import { Client, credentials } from '@grpc/grpc-js'
import { builtinTemplate, encodeInstance, type TemplateDefinition } from '@outboard/adapters-sdk'
import { type ServeOptions, serve } from '@outboard/adapters-sdk/serve'
import t, { type Test } from 'tap'
import { lookup, stagedAdapter } from './support/adapters.js'
import { unary } from './support/raw-host.js'
import { field, text } from './support/wire.js'

const name = 'i.instance.ns'

function builtin(name: string): TemplateDefinition {
  const template = builtinTemplate(name)
  if (template === undefined) throw new Error(`${name} is gone`)
  return template
}

async function started(t: Test, options: ServeOptions = {}) {
  const { adapter, stage } = stagedAdapter()
  const served = await serve(adapter, { log: () => {}, ...options })
  t.teardown(() => served.close())
  return { served, stage }
}

/** `adapter_config` with `allowed` as its only settings. */
function config(...allowed: string[]): Buffer {
  const url = text('type.googleapis.com/adapter.staged.config.Params')
  return field(2, field(1, url), field(2, ...allowed.map(each => field(1, text(each)))))
}

function listentryRequest(value: string, ...more: Uint8Array[]): Buffer {
  const instance = { name, template: 'listentry', fields: { value: { type: 'STRING', value } } } as const
  return Buffer.concat([field(1, encodeInstance(builtin('listentry'), instance)), ...more])
}

const listentry = '/listentry.HandleListEntryService/HandleListEntry'

t.test('CHECK: allow carries its validity, a denial its status with a DirectHttpResponse', async t => {
  const { served, stage } = await started(t)
  const allowed = await unary(
    served.address,
    listentry,
    listentryRequest('ada', config('ada'), field(3, text('77'))),
  )
  t.equal(
    allowed.toString('hex'),
    '12020805' + '18ffffffffffffffffff01',
    'valid_duration 5 s, valid_use_count -1',
  )
  t.equal(stage.calls[0]?.dedupId, '77')
  const denied = await unary(served.address, listentry, listentryRequest('bob', config('ada')))
  const direct = Buffer.concat([
    Buffer.from('089203', 'hex'),
    field(2, text('pay')),
    field(3, field(1, text('x-price')), field(2, text('3'))),
  ])
  const detail = Buffer.concat([
    field(1, text('type.googleapis.com/istio.policy.v1beta1.DirectHttpResponse')),
    field(2, direct),
  ])
  const status = Buffer.concat([Buffer.from([8, 7]), field(2, text('bob is not welcome')), field(3, detail)])
  t.same(denied, field(1, status))
})

t.test(
  'Settings come with every call; equal ones share a handler, and the oldest is closed beyond the limit',
  async t => {
    const { served, stage } = await started(t, { maxUnaryHandlers: 2 })
    for (const who of ['ada', 'bob', 'ada']) {
      await unary(served.address, listentry, listentryRequest(who, config(who)))
    }
    t.equal(stage.hosts.length, 2)
    await unary(served.address, listentry, listentryRequest('cyd', config('cyd')))
    t.equal(stage.hosts.length, 3)
    t.equal(stage.closed, 1)
    await unary(served.address, listentry, listentryRequest('ada', config('ada')))
    t.equal(stage.hosts.length, 3, 'the one used last was kept')
    await t.rejects(
      unary(served.address, listentry, listentryRequest('x', field(2, field(2, Buffer.from([0x10, 0]))))),
      {
        code: 3,
        details: /code: must be at least 1/,
      },
    )
  },
)

t.test('QUOTA: grants stand under the names that were asked for', async t => {
  const { served } = await started(t)
  const instance = { name, template: 'quota', fields: {} }
  const asked = field(1, field(1, text(name)), field(2, Buffer.from([8, 5, 16, 1])))
  const request = Buffer.concat([field(1, encodeInstance(builtin('quota'), instance)), field(4, asked)])
  const answer = await unary(served.address, '/quota.HandleQuotaService/HandleQuota', request)
  t.same(answer, field(1, field(1, text(name)), field(2, Buffer.from('12020802' + '1803', 'hex'))))
})

t.test('REPORT: all instances of a request are one report', async t => {
  const { served, stage } = await started(t)
  const instances = ['a', 'b'].map(each =>
    field(1, encodeInstance(builtin('metric'), { name: each, template: 'metric', fields: {} })),
  )
  const answer = await unary(
    served.address,
    '/metric.HandleMetricService/HandleMetric',
    Buffer.concat(instances),
  )
  t.equal(answer.length, 0)
  t.same(stage.reported, [['a', 'b']])
})

t.test('CHECK_WITH_OUTPUT and ATTRIBUTE_GENERATOR: output messages', async t => {
  const { served } = await started(t)
  const keyval = builtin('keyval')
  const asked = encodeInstance(keyval, { name, template: 'keyval', fields: { key: 'k' } })
  t.same(
    await unary(served.address, keyval.methodPath, field(1, asked)),
    Buffer.concat([field(1), field(2, field(2, text('gold')))]),
  )
  const looked = encodeInstance(lookup, { name, template: 'lookup', fields: { key: 'k' } })
  t.same(await unary(served.address, lookup.methodPath, field(1, looked)), field(1, text('<k>')))
})

t.test(
  'What a handler could not do is a gRPC error; garbage is INVALID_ARGUMENT; unknown methods are UNIMPLEMENTED',
  async t => {
    const { served } = await started(t)
    await t.rejects(unary(served.address, listentry, listentryRequest('throw')), {
      code: 2,
      details: /no such luck/,
    })
    await t.rejects(unary(served.address, listentry, Buffer.from([0x0a, 0xff])), { code: 3 })
    await t.rejects(unary(served.address, '/nobody.HandleNobodyService/HandleNobody', Buffer.alloc(0)), {
      code: 12,
    })
  },
)

t.test('Health: serving for the whole and for each service, unknown for others', async t => {
  const { served } = await started(t)
  const health = '/grpc.health.v1.Health/Check'
  t.same(await unary(served.address, health, Buffer.alloc(0)), Buffer.from([8, 1]))
  t.same(
    await unary(served.address, health, field(1, text('listentry.HandleListEntryService'))),
    Buffer.from([8, 1]),
  )
  await t.rejects(unary(served.address, health, field(1, text('nobody'))), { code: 5 })
})

t.test('A unary caller that goes away, or whose deadline passes, aborts the call', async t => {
  const { served, stage } = await started(t)
  const client = new Client(served.address, credentials.createInsecure())
  t.teardown(() => client.close())
  const asIs = (bytes: Buffer) => bytes
  const request = listentryRequest('wait-for-abort')
  const gone = new Promise<void>(resolve => {
    const call = client.makeUnaryRequest(listentry, asIs, asIs, request, () => resolve())
    stage.onCall = () => call.cancel()
  })
  await gone
  await new Promise<void>(resolve => {
    stage.onCall = () => {}
    client.makeUnaryRequest(listentry, asIs, asIs, request, { deadline: Date.now() + 100 }, () => resolve())
  })
  t.equal(stage.calls.length, 2)
  t.equal(stage.calls[0]?.deadline, Number.POSITIVE_INFINITY)
  t.ok(Number.isFinite(stage.calls[1]?.deadline))
  for (const call of stage.calls) {
    if (!call.signal.aborted) await new Promise(resolve => call.signal.addEventListener('abort', resolve))
  }
  t.pass('both were aborted')
})
