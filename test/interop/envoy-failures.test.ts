import tap from 'tap'
import { handler, instance, rule } from './support/documents.js'
import { envoy } from './support/envoy.js'
import { load, shown, type Tally } from './support/load.js'
import { missing } from './support/needed.js'
import { adapter, eventually, folder, host } from './support/outboard.js'

const skip = missing('envoy')

const policies = ['open', 'closed', 'caller'] as const
const atOnce = 12
const headers = { user: 'alice' }

tap.test('an adapter is killed in mid-load, and comes back', { skip: skip ?? false }, async t => {
  const place = folder(t)
  const address = (policy: string) => `unix://${place}/${policy}.sock`
  const documents = policies.flatMap(policy => guarded(policy, address(policy)))
  const adapters = Object.fromEntries(
    await Promise.all(
      policies.map(async policy => [policy, await adapter(t, address(policy), 'listchecker')] as const),
    ),
  )
  const { address: door } = await host(t, documents)
  const proxy = await envoy(t, door)

  /** Kills the policy's adapter after a third of the requests; then sends as many again. */
  const killed = async (policy: string, base: string): Promise<readonly [during: Tally, after: Tally]> => {
    const url = [`${base}/${policy}`]
    const during = await load(url, { count: 300, atOnce, headers }, () => {
      const { pid } = adapters[policy] ?? { pid: 0 }
      process.kill(pid, 'SIGKILL')
    })
    return [during, await load(url, { count: 100, atOnce, headers })]
  }

  /** Starts the adapter anew at its address, waits until it decides again, and sends a hundred requests. */
  const recovered = async (policy: string, base: string) => {
    adapters[policy] = await adapter(t, address(policy), 'listchecker')
    const asked = (user: string) => fetch(`${base}/${policy}`, { headers: { user } })
    await eventually(
      async () => (await asked('alice')).status === 200 && (await asked('mallory')).status === 403,
      `${policy}: the adapter decides again`,
    )
    return load([`${base}/${policy}`], { count: 100, atOnce, headers })
  }

  t.test('fail-open: everything passes', async t => {
    const [during, after] = await killed('open', proxy.web)
    t.same(during, { 200: 300 }, `during: ${shown(during)}`)
    t.same(after, { 200: 100 }, `after: ${shown(after)}`)
    const stranger = await fetch(`${proxy.web}/open`, { headers: { user: 'mallory' } })
    t.equal(stranger.status, 200, 'a stranger, too: that is what open means')
    t.same(await recovered('open', proxy.web), { 200: 100 }, 'started again, it decides all of 100')
  })

  t.test('fail-closed: everything is denied, and nothing is an error of Envoy', async t => {
    const errors = await proxy.stat(/^http\.web\.ext_authz\.web\.error$/)
    const [during, after] = await killed('closed', proxy.web)
    t.same(Object.keys(during), ['200', '503'], `during: ${shown(during)}`)
    t.ok((during[200] ?? 0) >= 100, 'what was asked before was answered')
    t.same(after, { 503: 100 }, `after: ${shown(after)}`)
    t.equal(await proxy.stat(/^http\.web\.ext_authz\.web\.error$/), errors, 'a denial is an answer')
    t.same(await recovered('closed', proxy.web), { 200: 100 }, 'started again, it decides all of 100')
  })

  t.test('the caller decides: Envoy refuses where its filter says so', async t => {
    const errors = await proxy.stat(/^http\.web\.ext_authz\.web\.error$/)
    const [during, after] = await killed('caller', proxy.web)
    t.same(Object.keys(during), ['200', '503'], `during: ${shown(during)}`)
    t.same(after, { 503: 100 }, `after: ${shown(after)}`)
    // An answer may reach the client before Envoy's worker has told its counters.
    const refused = (during[503] ?? 0) + 100
    const counted = async () => (await proxy.stat(/^http\.web\.ext_authz\.web\.error$/)) - errors
    for (let tries = 0; tries < 50 && (await counted()) !== refused; tries++)
      await new Promise(resolve => setTimeout(resolve, 100))
    t.equal(await counted(), refused, `Envoy counts ${refused} errors`)
    t.same(await recovered('caller', proxy.web), { 200: 100 }, 'started again, it decides all of 100')
  })

  t.test('the caller decides: Envoy lets pass where its filter says so', async t => {
    const allowed = await proxy.stat(/^http\.lenient\.ext_authz\.lenient\.failure_mode_allowed$/)
    const [during, after] = await killed('caller', proxy.lenient)
    t.same(during, { 200: 300 }, `during: ${shown(during)}`)
    t.same(after, { 200: 100 }, `after: ${shown(after)}`)
    const counted = (await proxy.stat(/^http\.lenient\.ext_authz\.lenient\.failure_mode_allowed$/)) - allowed
    t.ok(counted >= 100, `Envoy counts ${counted} that passed without an answer`)
    t.same(await recovered('caller', proxy.lenient), { 200: 100 }, 'started again, it decides all of 100')
  })
})

function guarded(policy: (typeof policies)[number], address: string): string[] {
  return [
    handler({
      name: policy,
      adapter: 'listchecker',
      address,
      params: { overrides: ['alice'] },
      more: { failurePolicy: policy, cache: false },
    }),
    instance(`caller-${policy}`, 'listentry', { value: 'request.headers["user"] | "nobody"' }),
    rule(policy, `request.url_path == "/${policy}"`, [policy, `caller-${policy}`]),
  ]
}
