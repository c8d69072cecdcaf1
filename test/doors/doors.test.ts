import { existsSync } from 'node:fs'
import { link, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { encodeCheckRequest } from '@outboard/adapters-sdk/client'
import t, { type Test } from 'tap'
import { parseAddress, printAddress } from '../../src/mixer/doors/address.js'
import { createDoors, type Doors } from '../../src/mixer/doors/doors.js'
import type { DoorsOptions } from '../../src/mixer/doors/options.js'
import { silent } from '../../src/mixer/telemetry/index.js'
import { decode, encode } from './protos.js'
import { serverKinds } from './serving.js'
import { ByteClient, ManualClock, realClock, scripted } from './support.js'

const asIs = (bytes: Buffer) => bytes
const mixerPath = '/istio.mixer.v1.Mixer/Check'
const checkRequest = encodeCheckRequest({ attributes: {} })
const healthRequest = (service: string) => encode('grpc.health.v1.HealthCheckRequest', { service })

function clientOf(t: Test, address: string | undefined): ByteClient {
  const client = new ByteClient(address ?? '')
  t.teardown(() => client.close())
  return client
}

t.test('listen addresses are read and printed', t => {
  for (const [text, printed] of [
    ['tcp://127.0.0.1:9091', '127.0.0.1:9091'],
    ['localhost:0', 'localhost:0'],
    [':9091', '0.0.0.0:9091'],
    ['*:1', '0.0.0.0:1'],
    ['[::1]:9091', '[::1]:9091'],
    ['unix:///run/a.sock', 'unix:///run/a.sock'],
    ['unix:/run/a.sock', 'unix:///run/a.sock'],
  ] as const)
    t.equal(printAddress(parseAddress(text)), printed)
  for (const bad of [
    '',
    '9091',
    'host',
    'host:',
    'host:x',
    'host:70000',
    '::1:90',
    'unix://',
    'http://a:1',
    'unix://a',
  ])
    t.throws(() => parseAddress(bad), { code: 'ADDRESS_INVALID' }, bad)
  t.end()
})

t.test('options out of their range are refused by name', t => {
  const make = (options: DoorsOptions) => () =>
    createDoors({ engine: scripted({}), telemetry: silent, clock: realClock, ready: () => true, options })
  const address = '127.0.0.1:0'
  t.throws(make({ listeners: [] }), /listeners/)
  t.throws(make({ listeners: [{ address, doors: [] }] }), /doors/)
  t.throws(make({ listeners: [{ address, maxMessageBytes: 0 }] }), /maxMessageBytes/)
  t.throws(make({ extAuthz: { forwardedHops: -1 } }), /forwardedHops/)
  t.throws(make({ als: { batchEntries: 1.5 } }), /batchEntries/)
  t.end()
})

for (const server of serverKinds) {
  t.test(`the doors on ${server}`, async t => {
    async function open(t: Test, options: DoorsOptions = {}, state = { ready: true }): Promise<Doors> {
      const doors = createDoors({
        engine: scripted({}),
        telemetry: silent,
        clock: realClock,
        ready: () => state.ready,
        options: { listeners: [{ address: '127.0.0.1:0' }], server, ...options },
      })
      t.teardown(() => doors.close())
      await doors.listen()
      return doors
    }

    t.test('serve every door on one address', async t => {
      const doors = await open(t)
      const client = clientOf(t, doors.addresses[0])
      t.equal((await client.call(mixerPath, checkRequest)).code, 0)
      t.equal((await client.call('/envoy.service.auth.v3.Authorization/Check', Buffer.alloc(0))).code, 0)
    })

    t.test('serve only the doors that an address names', async t => {
      const listeners = [
        { address: '127.0.0.1:0', doors: ['mixer'] as const },
        { address: '127.0.0.1:0', doors: ['ext_authz'] as const },
      ]
      const { addresses } = await open(t, { listeners })
      t.equal(addresses.length, 2)
      t.equal((await clientOf(t, addresses[0]).call(mixerPath, checkRequest)).code, 0)
      t.equal((await clientOf(t, addresses[1]).call(mixerPath, checkRequest)).code, 12)
    })

    t.test('listen on a Unix socket, also where a dead one lies, and take it away again', async t => {
      const path = join(await mkdtemp(join(tmpdir(), 'doors-')), 's')
      t.teardown(() => rm(dirname(path), { recursive: true }))
      await leaveStaleSocket(path)
      const listeners = [{ address: `unix://${path}` }]
      const doors = await open(t, { listeners })
      t.same(doors.addresses, [`unix://${path}`])
      t.equal((await clientOf(t, doors.addresses[0]).call(mixerPath, checkRequest)).code, 0)
      await t.rejects(open(t, { listeners }), { code: 'ADDRESS_IN_USE' }, 'somebody listens there')
      await doors.close()
      t.notOk(existsSync(path))
      await writeFile(path, 'a file')
      await t.rejects(open(t, { listeners }), { code: 'ADDRESS_IN_USE' }, 'it is no socket')
      t.ok(existsSync(path), 'files that are no sockets are left alone')
    })

    t.test('refuse a port that is taken, and open nothing', async t => {
      const first = await open(t)
      const listeners = [{ address: '127.0.0.1:0' }, { address: first.addresses[0] ?? '' }]
      await t.rejects(open(t, { listeners }), { name: 'AddressError', code: 'ADDRESS_IN_USE' })
    })

    t.test('refuse messages beyond their limit, and take larger batches of logs', async t => {
      const doors = await open(t, { listeners: [{ address: '127.0.0.1:0', maxMessageBytes: 1_000 }] })
      const client = clientOf(t, doors.addresses[0])
      t.match(await client.call(mixerPath, Buffer.alloc(1_001)), { code: 8, details: /1001 vs. 1000/ })
      const logs = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs'
      const code = await new Promise<number>(resolve => {
        const call = client.raw.makeClientStreamRequest(logs, asIs, asIs, error => resolve(error?.code ?? 0))
        call.write(
          encode('envoy.service.accesslog.v3.StreamAccessLogsMessage', {
            identifier: { log_name: 'x'.repeat(4e6) },
          }),
        )
        call.end()
      })
      t.equal(code, 0)
    })

    t.test('tell health the truth, for the server and for each door', async t => {
      const state = { ready: true }
      const doors = await open(t, {}, state)
      const client = clientOf(t, doors.addresses[0])
      const health = async (service: string) => {
        const { code, message } = await client.call('/grpc.health.v1.Health/Check', healthRequest(service))
        return message === undefined ? code : decode('grpc.health.v1.HealthCheckResponse', message)
      }
      for (const name of [
        '',
        'mixer',
        'ext_authz',
        'als',
        'istio.mixer.v1.Mixer',
        'envoy.service.auth.v3.Authorization',
      ]) {
        state.ready = true
        t.same(await health(name), { status: 1 }, name)
        state.ready = false
        t.same(await health(name), { status: 2 }, name)
      }
      t.equal(await health('nobody'), 5)
      t.equal((await client.call('/grpc.health.v1.Health/Check', Buffer.from([0x0a, 9]))).code, 3)
    })

    t.test('say "not serving" to those who watch, and end, when they drain', async t => {
      const doors = await open(t)
      const client = clientOf(t, doors.addresses[0])
      const call = client.raw.makeServerStreamRequest(
        '/grpc.health.v1.Health/Watch',
        asIs,
        asIs,
        healthRequest('mixer'),
      )
      const heard: unknown[] = []
      const ended = new Promise<void>(resolve => {
        call.on('data', (message: Buffer) => {
          heard.push(decode('grpc.health.v1.HealthCheckResponse', message).status)
          if (heard.length === 1) void doors.drain(5_000)
        })
        call.on('end', resolve)
      })
      await ended
      t.same(heard, [1, 2])
    })
  })
}

t.test('watchers of health hear of a change', async t => {
  const clock = new ManualClock()
  const state = { ready: false }
  const doors = createDoors({
    engine: scripted({}),
    telemetry: silent,
    clock,
    ready: () => state.ready,
    options: { listeners: [{ address: '127.0.0.1:0' }], server: 'http2' },
  })
  t.teardown(() => doors.close())
  await doors.listen()
  const client = clientOf(t, doors.addresses[0])
  const watch = (service: string) => {
    const call = client.raw.makeServerStreamRequest(
      '/grpc.health.v1.Health/Watch',
      asIs,
      asIs,
      healthRequest(service),
    )
    call.on('error', () => {})
    const next = () =>
      new Promise<unknown>(resolve => {
        call.once('data', (message: Buffer) =>
          resolve(decode('grpc.health.v1.HealthCheckResponse', message).status),
        )
      })
    return { next, cancel: () => call.cancel() }
  }
  const known = watch('')
  t.equal(await known.next(), 2)
  const unknown = watch('nobody')
  t.equal(await unknown.next(), 3)
  state.ready = true
  const changed = known.next()
  clock.advance(1_001)
  t.equal(await changed, 1)
  known.cancel()
  unknown.cancel()
})

/** A socket file whose listener has gone without a word, as after a crash. */
async function leaveStaleSocket(path: string): Promise<void> {
  const dead = createServer()
  await new Promise<void>(resolve => dead.listen(`${path}.live`, resolve))
  await link(`${path}.live`, path)
  await new Promise(resolve => dead.close(resolve))
}
