import t, { type Test } from 'tap'
import type { ConnectionSpec } from '../../src/mixer/engine/ports.js'
import { handlerContract } from './handler-contract.js'
import { connection, placements, serveContract, socketPath, tlsFile } from './serving.js'

/** The session is the same, whatever carries it. */
for (const [carried, sessionCarrier] of [
  ['on a bare socket', 'auto'],
  ['on a gRPC stream', 'grpc'],
] as const) {
  const contract = (t: Test, spec: ConnectionSpec) => {
    const { byName } = placements({ sessionCarrier })
    handlerContract(t, () => ({ placement: byName.auto, gaps: [], spec: { connection: spec } }))
  }

  t.test(`the session ${carried} over TCP`, async t => {
    const served = await serveContract()
    t.teardown(() => served.close())
    contract(t, connection(served.address))
  })

  t.test(`the session ${carried} over a Unix socket`, async t => {
    const { address, remove } = socketPath()
    const served = await serveContract({ address })
    t.teardown(async () => {
      await served.close()
      remove()
    })
    contract(t, connection(address))
  })

  t.test(`the session ${carried} over TLS, both sides with certificates`, async t => {
    const served = await serveContract({
      tls: {
        certificate: tlsFile('adapter.pem'),
        privateKey: tlsFile('adapter.key'),
        clientAuthorities: tlsFile('ca.pem'),
      },
    })
    t.teardown(() => served.close())
    const authentication: ConnectionSpec['authentication'] = {
      kind: 'mutual',
      privateKey: tlsFile('host.key'),
      clientCertificate: tlsFile('host.pem'),
      caCertificates: tlsFile('ca.pem'),
      serverName: undefined,
    }
    contract(t, connection(served.address, { authentication }))
  })
}
