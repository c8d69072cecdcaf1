import { readFileSync } from 'node:fs'
import t from 'tap'
import { copyConfig } from '../../src/cli/demo/config-copy.js'
import { startEnvoy } from './support/envoy.js'
import { missing } from './support/needed.js'
import { adapter, eventually, startHost } from './support/outboard.js'
import { seenUpstream, upstream } from './support/upstream.js'

const skip = missing('envoy') ?? false

t.test('examples/envoy before the example configuration', { skip }, async t => {
  const started = await Promise.all(
    ['listchecker', 'memquota'].map(name => adapter(t, '127.0.0.1:0', name).then(addressOf)),
  )
  const [lists = '', quotas = ''] = started
  const config = await copyConfig(
    'examples/config',
    new Map([
      ['127.0.0.1:9101', lists],
      ['127.0.0.1:9102', quotas],
    ]),
  )
  t.teardown(() => config.remove())
  const host = await startHost(t, config.folder)
  const behind = await upstream(t)
  const ports = new Map([
    ['9901', 0],
    ['10000', 0],
    ['9091', Number(host.address.split(':')[1])],
    ['8000', behind.httpPort],
  ])
  const bootstrap = readFileSync('examples/envoy/envoy.yaml', 'utf8').replace(
    /port_value: (\d+)/g,
    (_, port: string) => `port_value: ${ports.get(port)}`,
  )
  const envoy = await startEnvoy(t, bootstrap)
  const get = (user: string) => fetch(`http://127.0.0.1:${envoy.ports.web}/cart`, { headers: { user } })

  t.test('alice passes five times in ten seconds, mallory does not', async t => {
    const first = await get('alice')
    t.equal(first.status, 200)
    t.match(await seenUpstream(first), { 'x-caller': 'alice' })
    t.equal((await get('mallory')).status, 403)
    const statuses: number[] = []
    for (let i = 0; i < 20 && statuses.at(-1) !== 429; i++) statuses.push((await get('alice')).status)
    t.equal(statuses.at(-1), 429, `alice again: ${statuses.join(', ')}`)
    t.ok(statuses.length >= 5, 'five units in a window')
  })

  t.test('each request becomes a line, with its caller', async t => {
    const lines = () =>
      [...host.child.output.matchAll(/"caller":"(\w+)".*"code":(\d+)/g)].map(
        ([, user, code]) => `${user} ${code}`,
      )
    await eventually(
      () => lines().includes('mallory 403') && lines().includes('alice 429'),
      'the lines are there',
    )
    t.ok(lines().includes('alice 200'))
  })
})

async function addressOf(child: { says(wanted: RegExp): Promise<RegExpExecArray> }): Promise<string> {
  return (await child.says(/ at (\S+)\n/))[1] ?? ''
}
