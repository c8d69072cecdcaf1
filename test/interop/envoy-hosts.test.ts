import t from 'tap'
import { handler, instance, rule } from './support/documents.js'
import { envoy } from './support/envoy.js'
import { load, shown } from './support/load.js'
import { missing } from './support/needed.js'
import { adapter, eventually, folder, host } from './support/outboard.js'

const skip = missing('envoy')
const headers = { user: 'alice' }

t.test('Envoy looks after two hosts', { skip: skip ?? false }, async t => {
  const address = `unix://${folder(t)}/lists.sock`
  await adapter(t, address, 'listchecker')
  const documents = [
    handler({
      name: 'callers',
      adapter: 'listchecker',
      address,
      params: { overrides: ['alice'] },
      more: { cache: false },
    }),
    instance('caller', 'listentry', { value: 'request.headers["user"] | "nobody"' }),
    rule('callers', 'true', ['callers', 'caller']),
  ]
  const [first, second] = await Promise.all([host(t, documents), host(t, documents)])
  const proxy = await envoy(t, first.address, second.address)
  const both = { [first.address]: 'healthy', [second.address]: 'healthy' }

  t.test('its health checks find both of them serving', async t => {
    await eventually(async () => Object.values(await proxy.health()).join() === 'healthy,healthy', 'both')
    t.same(await proxy.health(), both)
  })

  t.test('a host that is told to end in mid-load costs not one request', async t => {
    const tally = await load([`${proxy.web}/`], { count: 600, atOnce: 16, headers }, () => {
      process.kill(first.child.pid, 'SIGTERM')
    })
    t.same(tally, { 200: 600 }, `600 requests, one of two hosts drained after 200: ${shown(tally)}`)
    t.equal(await proxy.stat(/^http\.web\.ext_authz\.web\.error$/), 0)
    await first.child.says(/ended: 0/)
    await eventually(async () => (await proxy.health())[first.address] === 'failed', 'it is out of service')
    t.equal((await proxy.health())[second.address], 'healthy')
  })

  t.test('the other host goes on alone', async t => {
    const tally = await load([`${proxy.web}/`], { count: 100, atOnce: 8, headers })
    t.same(tally, { 200: 100 }, shown(tally))
    t.equal((await fetch(proxy.web, { headers: { user: 'mallory' } })).status, 403)
  })
})
