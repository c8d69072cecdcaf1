import t from 'tap'
import { handlerContract } from './handler-contract.js'
import { connection, placements, serveContract, socketPath, tlsFile } from './serving.js'

t.test('the session over TCP', async t => {
  const served = await serveContract()
  const { byName } = placements()
  t.teardown(() => served.close())
  handlerContract(t, () => ({
    placement: byName.session,
    gaps: [],
    spec: { connection: connection(served.address) },
  }))
})

t.test('the session over a Unix socket', async t => {
  const { address, remove } = socketPath()
  const served = await serveContract({ address })
  const { byName } = placements()
  t.teardown(async () => {
    await served.close()
    remove()
  })
  handlerContract(t, () => ({
    placement: byName.session,
    gaps: [],
    spec: { connection: connection(address) },
  }))
})

t.test('the session over TLS, both sides with certificates', async t => {
  const served = await serveContract({
    tls: {
      certificate: tlsFile('adapter.pem'),
      privateKey: tlsFile('adapter.key'),
      clientAuthorities: tlsFile('ca.pem'),
    },
  })
  const { byName } = placements()
  t.teardown(() => served.close())
  handlerContract(t, () => ({
    placement: byName.auto,
    gaps: [],
    spec: {
      connection: connection(served.address, {
        authentication: {
          kind: 'mutual',
          privateKey: tlsFile('host.key'),
          clientCertificate: tlsFile('host.pem'),
          caCertificates: tlsFile('ca.pem'),
          serverName: undefined,
        },
      }),
    },
  }))
})
