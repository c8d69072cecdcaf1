import { isDeepStrictEqual } from 'node:util'
import type { Served } from '@outboard/adapters-sdk/serve'
import t from 'tap'
import type { AuthenticationSpec, ConnectionSpec, HandlerSpec } from '../../src/mixer/engine/ports.js'
import { asking, command } from '../contract/asking.js'
import { connection, serveContract, tlsFile } from '../contract/serving.js'
import { Files } from './support/files.js'
import { Handlers, statusUntil } from './support/opened.js'

const mutual = (name: string): AuthenticationSpec => ({
  kind: 'mutual',
  privateKey: tlsFile(`${name}.key`),
  clientCertificate: tlsFile(`${name}.pem`),
  caCertificates: tlsFile('ca.pem'),
  serverName: undefined,
})

const tls = (more: Partial<AuthenticationSpec & { kind: 'tls' }> = {}): AuthenticationSpec => ({
  kind: 'tls',
  caCertificates: tlsFile('ca.pem'),
  serverName: undefined,
  token: undefined,
  ...more,
})

const serverTls = (name: string, clients?: string) => ({
  tls: {
    certificate: tlsFile(`${name}.pem`),
    privateKey: tlsFile(`${name}.key`),
    ...(clients !== undefined && { clientAuthorities: tlsFile(clients) }),
  },
})

/** What a check over a connection comes to: allowed, or the reason why not. */
async function outcome(
  served: Served,
  spec: Partial<ConnectionSpec>,
  placement: HandlerSpec['placement'] = 'session',
) {
  const handlers = new Handlers()
  const more = { connection: connection(served.address, spec) }
  const handler = await handlers.open(placement, [], more)
  const verdict = await handler.check(command('allow'), asking({ timeoutMs: 2_000 }))
  await handlers.close()
  return verdict.kind === 'failed' ? verdict.error.message : verdict.kind
}

t.test('TLS: the certificate must be for the name that was dialled', async t => {
  const served = await serveContract(serverTls('adapter'))
  t.teardown(() => served.close())
  for (const placement of ['session', 'unary'] as const) {
    t.equal(await outcome(served, { authentication: tls() }, placement), 'allow')
    t.equal(
      await outcome(served, { authentication: tls({ serverName: 'adapter.outboard.test' }) }, placement),
      'allow',
    )
    t.match(
      await outcome(served, { authentication: tls({ serverName: 'other.outboard.test' }) }, placement),
      /altnames|does not match/i,
    )
  }
})

t.test('TLS: an authority that nobody trusts is refused', async t => {
  const served = await serveContract(serverTls('stranger'))
  t.teardown(() => served.close())
  t.match(await outcome(served, { authentication: tls() }), /self.signed|unable to verify|certificate/i)
  t.match(
    await outcome(served, { authentication: mutual('host') }),
    /self.signed|unable to verify|certificate/i,
  )
})

t.test('TLS: the peer must carry one of the expected names, DNS or SPIFFE', async t => {
  const served = await serveContract(serverTls('adapter'))
  t.teardown(() => served.close())
  const authentication = tls()
  const named = (peerNames: readonly string[]) => outcome(served, { authentication, peerNames })
  t.equal(await named(['spiffe://outboard.test/ns/default/sa/mesh']), 'allow')
  t.equal(await named(['nobody.test', 'adapter.outboard.test']), 'allow')
  t.match(await named(['spiffe://outboard.test/ns/default/sa/mes']), /expected spiffe/)
  t.match(await named(['nobody.test']), /expected nobody\.test/)
})

t.test('mutual TLS: host and adapter share a SPIFFE identity, unless names are given', async t => {
  const served = await serveContract(serverTls('adapter', 'ca.pem'))
  t.teardown(() => served.close())
  for (const placement of ['session', 'unary'] as const) {
    t.equal(await outcome(served, { authentication: mutual('host') }, placement), 'allow')
    t.match(await outcome(served, { authentication: mutual('other-host') }, placement), /one must be equal/)
  }
  const peerNames = ['adapter.outboard.test']
  t.equal(await outcome(served, { authentication: mutual('other-host'), peerNames }), 'allow')
})

t.test('mutual TLS: an adapter that asks for a certificate gets none from a host without', async t => {
  const served = await serveContract(serverTls('adapter', 'ca.pem'))
  t.teardown(() => served.close())
  t.not(await outcome(served, { authentication: tls() }), 'allow')
})

t.test('files that cannot be used refuse the handler, by name', async t => {
  const files = new Files()
  t.teardown(() => files.remove())
  const handlers = new Handlers()
  const open = (authentication: AuthenticationSpec) =>
    handlers.tryOpen('session', [], { connection: connection('127.0.0.1:1', { authentication }) })
  const missing = await open(tls({ caCertificates: files.path('nowhere.pem') }))
  t.match(missing, {
    kind: 'refused',
    problems: [{ path: 'connection.authentication', message: /nowhere\.pem/ }],
  })
  const swapped = await open({
    kind: 'mutual',
    privateKey: tlsFile('other-host.key'),
    clientCertificate: tlsFile('host.pem'),
    caCertificates: tlsFile('ca.pem'),
    serverName: undefined,
  })
  t.match(swapped, { kind: 'refused', problems: [{ message: /host\.pem.*mismatch/ }] })
})

t.test('rotated files are used by new connections, and no call is dropped', async t => {
  const files = new Files()
  const ca = files.copyTls('ca.pem', 'ca.pem')
  const certificate = files.copyTls('adapter.pem', 'server.pem')
  const privateKey = files.copyTls('adapter.key', 'server.key')
  const served = await serveContract({ tls: { certificate, privateKey, clientAuthorities: ca } })
  const clientCertificate = files.copyTls('host.pem', 'client.pem')
  const clientKey = files.copyTls('host.key', 'client.key')
  const handlers = new Handlers({ timing: { rotateMs: 20 } })
  t.teardown(async () => {
    await handlers.close()
    await served.close()
    files.remove()
  })
  const handler = await handlers.open('session', [], {
    connection: connection(served.address, {
      authentication: {
        kind: 'mutual',
        privateKey: clientKey,
        clientCertificate,
        caCertificates: ca,
        serverName: undefined,
      },
      peerNames: ['adapter.outboard.test'],
    }),
  })
  const slow = handler.check(command('later 100'), asking())
  const since = handler.status().endpoints[0]?.since
  files.copyTls('other-host.key', 'client.key')
  files.copyTls('other-host.pem', 'client.pem')
  const answers: string[] = []
  await statusUntil(handler, ({ endpoints }) => {
    void handler.check(command('allow'), asking()).then(verdict => answers.push(verdict.kind))
    return endpoints[0]?.since !== since
  })
  t.match(await slow, { kind: 'allow' }, 'the call on the old connection was answered')
  t.match(await handler.check(command('allow'), asking()), { kind: 'allow' })
  t.ok(isDeepStrictEqual(new Set(answers), new Set(['allow'])), `${answers.length} answers`)
  t.equal(
    handlers.telemetry.count('outboard_endpoint_connects_total', {
      address: served.address,
      outcome: 'connected',
    }),
    2,
  )
})

t.test('rotated files that are broken leave what runs running', async t => {
  const files = new Files()
  const ca = files.copyTls('ca.pem', 'ca.pem')
  const served = await serveContract(serverTls('adapter'))
  const handlers = new Handlers({ timing: { rotateMs: 10 } })
  t.teardown(async () => {
    await handlers.close()
    await served.close()
    files.remove()
  })
  const handler = await handlers.open('session', [], {
    connection: connection(served.address, { authentication: tls({ caCertificates: ca }) }),
  })
  files.copyTls('stranger-ca.pem', 'ca.pem')
  await statusUntil(handler, () =>
    handlers.telemetry.lines.some(line => line.event === 'endpoint_rotation_failed'),
  )
  t.match(await handler.check(command('allow'), asking()), { kind: 'allow' })
  t.equal(handler.status().endpoints[0]?.state, 'ready')
})
