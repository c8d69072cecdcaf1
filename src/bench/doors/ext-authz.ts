import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'
import { decodeCheckRequest } from '../../mixer/doors/ext-authz/request.js'

/**
 * What it costs to read a CheckRequest of Envoy, in microseconds: by hand (as the door does), and with the code that
 * protobufjs generates for the message: `node ext-authz.js`.
 */
const root = new protobuf.Root()
const folder = fileURLToPath(import.meta.resolve('#proto/envoy/service/auth/v3/external_auth.proto')).replace(
  /envoy\/service.*$/,
  '',
)
root.resolvePath = (_origin, target) =>
  target.startsWith('google/protobuf/') || target.startsWith('/') ? target : `${folder}${target}`
root.loadSync(`${folder}envoy/service/auth/v3/external_auth.proto`, { keepCase: true })
const type = root.lookupType('envoy.service.auth.v3.CheckRequest')

const headers = Object.fromEntries(
  Array.from({ length: 18 }, (_, index) => [`x-header-${index}`, `value of header number ${index}`]),
)
const address = (ip: string) => ({ socket_address: { address: ip, port_value: 8_080 } })
const message = Buffer.from(
  type
    .encode(
      type.fromObject({
        attributes: {
          source: {
            address: address('10.44.2.9'),
            principal: 'spiffe://cluster.local/ns/default/sa/productpage',
          },
          destination: {
            address: address('10.44.1.17'),
            principal: 'spiffe://cluster.local/ns/default/sa/reviews',
          },
          request: {
            time: { seconds: 1_700_000_000, nanos: 123_456_000 },
            http: {
              id: '12345678901234567890',
              method: 'GET',
              path: '/reviews/0?page=3',
              host: 'reviews:9080',
              scheme: 'http',
              protocol: 'HTTP/1.1',
              size: -1,
              headers,
            },
          },
        },
      }),
    )
    .finish(),
)

const ways: Readonly<Record<string, () => unknown>> = {
  'by hand': () => decodeCheckRequest(message),
  protobufjs: () => type.decode(message),
}
process.stdout.write(`request: ${message.length} bytes\n`)
for (const [name, run] of Object.entries(ways)) {
  for (let i = 0; i < 20_000; i++) run()
  const rounds = Array.from({ length: 9 }, () => {
    const begun = performance.now()
    for (let i = 0; i < 20_000; i++) run()
    return (performance.now() - begun) / 20
  }).sort((a, b) => a - b)
  process.stdout.write(`${name}: ${rounds[4]?.toFixed(2)} µs (least ${rounds[0]?.toFixed(2)})\n`)
}
