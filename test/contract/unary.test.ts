import t from 'tap'
import { handlerContract } from './handler-contract.js'
import { connection, placements, serveContract, socketPath, tlsFile } from './serving.js'

/** What Istio's messages have no place for. */
const gaps = [
  'header operations, in order',
  'metadata of three kinds',
  'keys to withdraw an answer by',
  'how long produced attributes hold',
  'settings that are refused name the field', // the first call shows it
  'an adapter knows which instances will come',
  'an answer is withdrawn by its key',
  'all answers of a handler are withdrawn',
  'a line for the host log',
]

t.test('unary gRPC over TCP', async t => {
  const served = await serveContract()
  const { byName } = placements()
  t.teardown(() => served.close())
  handlerContract(t, () => ({
    placement: byName.unary,
    gaps,
    spec: { connection: connection(served.address) },
  }))
})

t.test('unary gRPC over a Unix socket', async t => {
  const { address, remove } = socketPath()
  const served = await serveContract({ address })
  const { byName } = placements()
  t.teardown(async () => {
    await served.close()
    remove()
  })
  handlerContract(t, () => ({ placement: byName.unary, gaps, spec: { connection: connection(address) } }))
})

t.test('unary gRPC over TLS', async t => {
  const served = await serveContract({
    tls: { certificate: tlsFile('adapter.pem'), privateKey: tlsFile('adapter.key') },
  })
  const { byName } = placements()
  t.teardown(() => served.close())
  handlerContract(t, () => ({
    placement: byName.unary,
    gaps,
    spec: {
      connection: connection(served.address, {
        authentication: {
          kind: 'tls',
          caCertificates: tlsFile('ca.pem'),
          serverName: 'adapter.outboard.test',
          token: undefined,
        },
      }),
    },
  }))
})
