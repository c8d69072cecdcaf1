import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { freePort } from '../support/redis.js'
import { handler, instance, rule } from './support/documents.js'
import { type Envoy, envoy } from './support/envoy.js'
import { load, shown } from './support/load.js'
import { missing } from './support/needed.js'
import { adapter, eventually, folder, host } from './support/outboard.js'

const skip = missing('envoy')

t.test(
  'Envoy reports what happened, and a Prometheus adapter counts it',
  { skip: skip ?? false },
  async t => {
    const place = folder(t)
    const [lists, metrics] = [`unix://${place}/lists.sock`, `unix://${place}/metrics.sock`]
    await Promise.all([adapter(t, lists, 'listchecker'), adapter(t, metrics, 'prometheus')])
    const port = await freePort()
    const { address } = await host(t, [...listed(lists), ...counted(metrics, port)])
    const proxy = await envoy(t, address)
    const series = () => seriesOf(port)

    t.test('every one of several hundred requests is counted, once, under its status', async t => {
      const urls = ['/shop/a', '/shop/b', '/elsewhere'].map(path => proxy.web + path)
      const known = await load(urls, { count: 300, atOnce: 16, headers: { user: 'alice' } })
      t.same(known, { 200: 300 }, `sent as alice: ${shown(known)}`)
      const unknown = await load([`${proxy.lenient}/shop`], {
        count: 200,
        atOnce: 16,
        headers: { user: 'mallory' },
      })
      t.same(unknown, { 403: 200 }, `sent as mallory, through the other listener: ${shown(unknown)}`)
      await eventually(async () => total(await series(), 'http') >= 500, '500 requests are counted')
      t.equal(await proxy.stat(/grpc_access_log\.logs_dropped$/), 0, 'Envoy dropped no entry')
      t.equal(await proxy.stat(/grpc_access_log\.logs_written$/), 500, 'Envoy wrote 500 entries')
      const counts = [...(await series()).entries()].filter(([labels]) => labels.includes('protocol="http"'))
      t.same(
        counts.map(([, count]) => count).sort(),
        [200, 300],
        `sent 300 + 200, counted ${counts.map(([labels, count]) => `${count} ${labels}`).join(' and ')}`,
      )
      t.equal(
        (await series()).get('check="0",code="200",listener="web",protocol="http",user="alice"'),
        300,
        'with the listener, the header and the decision',
      )
      t.equal(
        (await series()).get('check="7",code="403",listener="lenient",protocol="http",user="mallory"'),
        200,
        'what the check decided comes back with the report',
      )
    })

    t.test('a TCP connection from a known address is let through, and its end is reported', async t => {
      t.equal(await echo(proxy, '127.0.0.1', 'hello'), 'hello')
      const labels = 'check="0",code="0",listener="raw",protocol="tcp",user="raw"'
      await eventually(async () => (await series()).get(labels) === 1, 'the connection is counted')
    })

    t.test('a TCP connection from another address is closed', async t => {
      const before = total(await series(), 'tcp')
      t.equal(await echo(proxy, '127.0.0.2', 'hello'), '')
      t.equal(await proxy.stat(/^ext_authz\.raw\.denied$/), 1)
      await eventually(async () => total(await series(), 'tcp') === before + 1, 'it is reported as well')
    })

    t.test('bytes of connections add up', async t => {
      const sent = await bytesOf(port, 'received')
      t.equal(await echo(proxy, '127.0.0.1', 'x'.repeat(10_000)), 'x'.repeat(10_000))
      await eventually(
        async () => (await bytesOf(port, 'received')) === sent + 10_000,
        '10,000 bytes came in',
      )
      t.ok((await bytesOf(port, 'sent')) >= 10_000, 'and went out')
    })
  },
)

function listed(address: string): string[] {
  const blocks = { overrides: ['127.0.0.1/32'], entryType: 'IP_ADDRESSES' }
  return [
    handler({ name: 'callers', adapter: 'listchecker', address, params: { overrides: ['alice'] } }),
    instance('caller', 'listentry', { value: 'request.headers["user"] | "nobody"' }),
    rule('callers', 'request.url_path.startsWith("/shop")', ['callers', 'caller']),
    handler({ name: 'peers', adapter: 'listchecker', address, params: blocks }),
    instance('peer', 'listentry', { value: 'source.ip' }),
    rule('peers', 'context.protocol == "tcp"', ['peers', 'peer']),
  ]
}

function counted(address: string, port: number): string[] {
  const labels = ['check', 'code', 'listener', 'protocol', 'user']
  const metric = (name: string, labelNames: readonly string[]) => ({
    namespace: 'shop',
    name,
    instanceName: `${name}.instance.istio-system`,
    kind: 'COUNTER',
    labelNames,
  })
  const metrics = [metric('requests', labels), metric('received', []), metric('sent', [])]
  const dimensions = {
    check: 'check.error_code | 0',
    code: 'response.code | 0',
    listener: 'context.log_name | "?"',
    protocol: 'context.protocol | "?"',
    user: 'request.headers["user"] | context.log_name | "?"',
  }
  return [
    JSON.stringify({
      apiVersion: 'config.istio.io/v1alpha2',
      kind: 'attributemanifest',
      metadata: { name: 'envoy', namespace: 'istio-system' },
      spec: {
        attributes: {
          'context.log_name': { valueType: 'STRING' },
          'connection.received.bytes': { valueType: 'INT64' },
          'connection.sent.bytes': { valueType: 'INT64' },
        },
      },
    }),
    handler({
      name: 'counts',
      adapter: 'prometheus',
      address,
      params: { metrics, port },
      more: { report: { maxAge: '50ms' } },
    }),
    instance('requests', 'metric', { value: '1', dimensions }),
    instance('received', 'metric', { value: 'connection.received.bytes', dimensions: {} }),
    instance('sent', 'metric', { value: 'connection.sent.bytes', dimensions: {} }),
    rule('requests', 'context.protocol != "grpc"', ['counts', 'requests']),
    rule('bytes', 'context.protocol == "tcp"', ['counts', 'received', 'sent']),
  ]
}

async function exposed(port: number): Promise<string[]> {
  return (await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).split('\n')
}

/** Counts by their labels. */
async function seriesOf(port: number): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  for (const line of await exposed(port)) {
    const [, labels, value] = /^shop_requests\{(.*)\} (\d+)$/.exec(line) ?? []
    if (labels !== undefined) found.set(labels, Number(value))
  }
  return found
}

async function bytesOf(port: number, name: string): Promise<number> {
  const line = (await exposed(port)).find(text => text.startsWith(`shop_${name} `))
  return Number(line?.split(' ')[1] ?? 0)
}

function total(series: ReadonlyMap<string, number>, protocol: string): number {
  let sum = 0
  for (const [labels, count] of series) if (labels.includes(`protocol="${protocol}"`)) sum += count
  return sum
}

/** What comes back for some bytes, when as many came back or the connection was closed. */
async function echo({ rawPort }: Envoy, from: string, text: string): Promise<string> {
  const socket = connect({ port: rawPort, host: '127.0.0.1', localAddress: from })
  socket.on('error', () => {})
  socket.setEncoding('utf8')
  let received = ''
  socket.on('data', (chunk: string) => {
    received += chunk
    if (received.length >= text.length) socket.end()
  })
  socket.write(text)
  await once(socket, 'close')
  return received
}
