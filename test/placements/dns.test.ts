import t from 'tap'
import type { Resolver } from '../../src/mixer/placements/index.js'
import { asking, command } from '../contract/asking.js'
import { connection } from '../contract/serving.js'
import { Handlers, statusUntil } from './support/opened.js'
import { ScriptedAdapter, wellBehaved } from './support/scripted-adapter.js'

/** A name server that a test changes. */
class Names implements Resolver {
  asked = 0
  constructor(public answers: readonly string[] | Error) {}
  async resolve(): Promise<readonly string[]> {
    this.asked += 1
    if (this.answers instanceof Error) throw this.answers
    return this.answers
  }
}

const portOf = (address: string) => address.slice(address.lastIndexOf(':') + 1)

t.test('each answer of a name is an endpoint; places that leave the answer are left', async t => {
  const one = await ScriptedAdapter.listen(wellBehaved)
  const port = portOf(one.address)
  const two = await ScriptedAdapter.listen(wellBehaved, `127.0.0.2:${port}`)
  const three = await ScriptedAdapter.listen(wellBehaved, `127.0.0.3:${port}`)
  const names = new Names(['127.0.0.1', '127.0.0.2'])
  const handlers = new Handlers({ resolver: names, timing: { resolveMs: 20 } })
  t.teardown(async () => {
    await handlers.close()
    for (const adapter of [one, two, three]) adapter.close()
  })
  const address = `dns:///adapters.localhost:${port}`
  const handler = await handlers.open('session', [address])
  const places = (wanted: readonly string[]) =>
    statusUntil(handler, ({ endpoints }) => {
      const ready = endpoints.filter(endpoint => endpoint.state === 'ready').map(endpoint => endpoint.address)
      return ready.length === wanted.length && wanted.every((ip, i) => ready[i]?.includes(`(${ip})`))
    })
  t.equal((await places(['127.0.0.1', '127.0.0.2'])).endpoints.length, 2)
  names.answers = ['127.0.0.2', '127.0.0.3']
  await places(['127.0.0.2', '127.0.0.3'])
  await one.sessions[0]?.ended
  t.equal(two.sessions.length, 1, 'the one that stayed kept its session')
  t.match(await handler.check(command('x'), asking()), { kind: 'allow' })
})

t.test('a name that cannot be looked up any more leaves what runs as it is', async t => {
  const one = await ScriptedAdapter.listen(wellBehaved)
  const names = new Names(['127.0.0.1'])
  const handlers = new Handlers({ resolver: names, timing: { resolveMs: 10 } })
  t.teardown(async () => {
    await handlers.close()
    one.close()
  })
  const handler = await handlers.open('session', [`dns:///adapters.localhost:${portOf(one.address)}`])
  names.answers = new Error('SERVFAIL')
  const before = names.asked
  await statusUntil(handler, () => names.asked > before + 2)
  t.match(await handler.check(command('x'), asking()), { kind: 'allow' })
})

t.test('a name without an answer: the handler opens and its calls say why', async t => {
  const handlers = new Handlers({ resolver: new Names(new Error('NXDOMAIN')), timing: { resolveMs: 60_000 } })
  t.teardown(() => handlers.close())
  const handler = await handlers.open('session', ['dns:///nowhere.localhost:1'])
  const verdict = await handler.check(command('x'), asking())
  t.match(verdict.kind === 'failed' && verdict.error, { code: 'ADAPTER_UNAVAILABLE', message: /NXDOMAIN/ })
  t.match(handler.status().endpoints, [
    { address: 'dns:///nowhere.localhost:1', state: 'down', reason: /NXDOMAIN/ },
  ])
})

t.test('an endpoint that fails has its name looked up again before its time', async t => {
  const one = await ScriptedAdapter.listen(wellBehaved)
  const port = portOf(one.address)
  const two = await ScriptedAdapter.listen(wellBehaved, `127.0.0.2:${port}`)
  const names = new Names(['127.0.0.1'])
  const handlers = new Handlers({ resolver: names, timing: { resolveMs: 60_000, resolveAtMostEveryMs: 10 } })
  t.teardown(async () => {
    await handlers.close()
    two.close()
  })
  const handler = await handlers.open('session', [`dns:///adapters.localhost:${port}`])
  names.answers = ['127.0.0.2']
  one.close()
  await statusUntil(handler, ({ endpoints }) => endpoints[0]?.address.includes('127.0.0.2') === true)
  t.match(await handler.check(command('x'), asking()), { kind: 'allow' })
})

t.test('addresses that are none are refused by name', async t => {
  const handlers = new Handlers()
  for (const address of [
    '',
    'nohost',
    'host:',
    'host:99999',
    'unix:',
    'dns://8.8.8.8/name:1',
    'http://x:1',
    'dns:///x',
  ]) {
    const opened = await handlers.tryOpen('auto', [address])
    t.match(opened, { kind: 'refused', problems: [{ path: 'connection.address' }] }, address)
  }
  t.match(await handlers.tryOpen('auto', [], { connection: connection('', { addresses: [] }) }), {
    kind: 'refused',
  })
})

t.test('plaintext off this machine must be asked for', async t => {
  const handlers = new Handlers({ timing: { openMs: 1 } })
  for (const address of [
    '10.0.0.1:1',
    'adapters.example:1',
    'dns:///adapters.example:1',
    '[2001:db8::1]:1',
  ]) {
    const opened = await handlers.tryOpen('session', [address])
    t.match(
      opened,
      { kind: 'refused', problems: [{ path: 'connection.address', message: /allowPlaintext/ }] },
      address,
    )
  }
  for (const address of ['127.0.0.1:1', 'localhost:1', '[::1]:1', 'unix:/nowhere', 'dns:///a.localhost:1']) {
    const opened = await handlers.tryOpen('session', [address])
    t.match(opened, { kind: 'opened' }, address)
    if (opened.kind === 'opened') await opened.handler.close(0)
  }
})
