import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { serve } from '@outboard/adapters-sdk/serve'
import t from 'tap'
import { builtinAdapters } from '../../src/adapters/registry.js'
import type { HandlerSpec, PlacedHandler, Placement } from '../../src/mixer/engine/ports.js'
import { inProcess, inProcessCoded } from '../../src/mixer/placements/index.js'
import { asking, question, template } from '../contract/asking.js'
import { connection, placements, socketPath } from '../contract/serving.js'
import { handlerSpec, RecordingHost } from '../contract/subject.js'
import { duration, int, ip, text } from './support/fakes.js'
import { bytesOf } from './support/params.js'

/** A placement of all built-in adapters, and what its handlers' documents say of it. */
interface Place {
  readonly name: string
  readonly placement: Placement
  readonly more: Partial<HandlerSpec>
}

const lookup = (name: string) => builtinAdapters.get(name)
const socket = socketPath()
const served = await serve([...builtinAdapters.values()], {
  address: socket.address,
  lingerMs: 0,
  log: () => {},
})
t.teardown(async () => {
  await served.close()
  socket.remove()
})
const remote = placements().byName
const places: Place[] = [
  { name: 'in process', placement: inProcess(lookup), more: {} },
  { name: 'in process, encoded', placement: inProcessCoded(lookup), more: {} },
  { name: 'session', placement: remote.session, more: { connection: connection(socket.address) } },
  { name: 'unary', placement: remote.unary, more: { connection: connection(socket.address) } },
]

let handlers = 0

async function open(
  t: { teardown(fn: () => unknown): unknown },
  place: Place,
  adapter: string,
  settings: unknown,
  params: { message: string; value: Record<string, unknown> },
): Promise<PlacedHandler> {
  const definition = builtinAdapters.get(adapter)
  if (definition === undefined) throw new Error(`no adapter ${adapter}`)
  const id = `h${++handlers}.handler.test`
  const spec = handlerSpec(settings, id, {
    adapter,
    templates: new Map(definition.templates.map(({ name }) => [name, template(name)])),
    instances: [],
    settingsAny: {
      typeUrl: `type.googleapis.com/${definition.settings.message?.fullName}`,
      value: bytesOf(params.message, params.value),
    },
    ...place.more,
  })
  const opened = await place.placement.open(spec, new RecordingHost())
  if (opened.kind === 'refused') throw new Error(`refused: ${JSON.stringify(opened.problems)}`)
  t.teardown(() => opened.handler.close(1_000))
  return opened.handler
}

for (const place of places) {
  t.test(`denier, ${place.name}`, async t => {
    const status = { code: 7, message: 'no' }
    const settings = { status, valid_duration: '2s', valid_use_count: 3 }
    const value = { status, valid_duration: { seconds: 2 }, valid_use_count: 3 }
    const handler = await open(t, place, 'denier', settings, { message: 'Denier', value })
    t.match(await handler.check(question('checknothing', {}), asking()), {
      kind: 'deny',
      code: 7,
      message: 'no',
      caching: { kind: 'valid', forMs: 2_000, uses: 3 },
    })
    const grant = await handler.quota(question('quota', {}), { amount: 5n, bestEffort: true }, asking())
    t.match(grant, { kind: 'granted', amount: 0n, validForMs: 0 })
  })

  t.test(`listchecker, ${place.name}`, async t => {
    const settings = { overrides: ['10.0.0.0/8', '2001:db8::1'], entry_type: 'IP_ADDRESSES' }
    const value = { ...settings, entry_type: 2 }
    const handler = await open(t, place, 'listchecker', settings, { message: 'List', value })
    const check = (value: ReturnType<typeof ip>) => handler.check(question('listentry', { value }), asking())
    t.match(await check(ip(10, 1, 2, 3)), { kind: 'allow', caching: { forMs: 300_000, uses: 10_000 } })
    t.match(await check(text('2001:db8::1')), { kind: 'allow' })
    t.match(await check(ip(11, 0, 0, 1)), { kind: 'deny', code: 7, message: '11.0.0.1 is not whitelisted' })
    t.match(await check(int(5)), { kind: 'deny', code: 3 })
  })

  t.test(`memquota, ${place.name}`, async t => {
    const quota = { name: 'a.instance.test', max_amount: 10 }
    const settings = { quotas: [{ ...quota, valid_duration: '60s' }] }
    const value = { quotas: [{ ...quota, valid_duration: { seconds: 60 } }] }
    const handler = await open(t, place, 'memquota', settings, { message: 'Memquota', value })
    const ask = async (amount: bigint, dedupId: string, user: string) => {
      const one = question('quota', { dimensions: { user: text(user), port: int(80) } })
      const grant = await handler.quota(one, { amount, bestEffort: false }, asking({ dedupId }))
      return grant.kind === 'granted' ? grant.amount : grant
    }
    t.same(
      [
        await ask(6n, 'x1', 'ann'),
        await ask(6n, 'x1', 'ann'),
        await ask(6n, 'x2', 'ann'),
        await ask(6n, 'x3', 'bob'),
        await ask(-2n, 'x4', 'ann'),
        await ask(6n, 'x5', 'ann'),
      ],
      [6n, 6n, 0n, 6n, 2n, 6n],
    )
  })

  t.test(`stdio, ${place.name}`, async t => {
    const path = join(t.testdir({}), 'log')
    const settings = { log_stream: 'FILE', output_path: path }
    const value = { log_stream: 2, output_path: path, output_as_json: true }
    const handler = await open(t, place, 'stdio', settings, { message: 'Stdio', value })
    const fields = {
      variables: { b: ip(1, 2, 3, 4), a: duration(1_500_000n), c: int(2n ** 62n) },
      timestamp: { seconds: 60, nanos: 1_000 },
      severity: 'warn',
    }
    t.equal(
      await handler.report([question('logentry', fields), question('logentry', {})], asking()),
      undefined,
    )
    t.same(readFileSync(path, 'utf8').split('\n'), [
      '{"level":"warn","time":"1970-01-01T00:01:00.000001Z","instance":"a.instance.test","a":"1.5ms","b":"1.2.3.4","c":4611686018427387904}',
      '{"level":"info","time":"0001-01-01T00:00:00.000000Z","instance":"a.instance.test"}',
      '',
    ])
  })

  t.test(`kubernetesenv, ${place.name}`, async t => {
    const handler = await open(t, place, 'kubernetesenv', {}, { message: 'Kubernetesenv', value: {} })
    const instance = question('kubernetes', { source_uid: 'kubernetes://a.b', destination_port: 80n })
    t.match(await handler.produce(instance, asking()), { output: {} })
  })
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return address !== null && typeof address === 'object' ? address.port : 0
}

// The unary services carry Istio's settings only, and so not the port.
for (const place of places.filter(({ name }) => name !== 'unary')) {
  t.test(`prometheus, ${place.name}`, async t => {
    const port = await freePort()
    const metrics = [{ instance_name: 'a.instance.test', name: 'n', kind: 'COUNTER', label_names: ['x'] }]
    const params = { message: 'Prometheus', value: {} }
    const handler = await open(t, place, 'prometheus', { metrics, port }, params)
    const one = (x: string) => question('metric', { value: int(2), dimensions: { x: text(x) } })
    t.equal(await handler.report([one('p'), one('p'), one('q')], asking()), undefined)
    const exposed = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    t.match(exposed, /^istio_n{x="p"} 4$/m)
    t.match(exposed, /^istio_n{x="q"} 2$/m)
  })
}
