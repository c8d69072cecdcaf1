import protobuf from 'protobufjs'
import 'protobufjs/ext/descriptor.js'
import t from 'tap'
import { describeFiles } from '../../src/mixer/doors/reflection/descriptors.js'
import { reflectionServices } from '../../src/mixer/doors/reflection/service.js'
import { WireWriter } from '../../src/mixer/doors/wire/writer.js'
import { decode, encode } from './protos.js'
import { connected, serverKinds } from './serving.js'

const asIs = (bytes: Buffer) => bytes

/** The types that encoded files describe, complete with all that they need. */
function rootOf(files: readonly Buffer[]): protobuf.Root {
  const writer = new WireWriter()
  for (const file of [...files].reverse()) writer.bytes(1, file)
  const root = protobuf.Root.fromDescriptor(writer.finish(), { keepCase: true })
  root.resolveAll()
  return root
}

/** What a tool makes of a reflection answer. */
function described(response: Record<string, unknown>): protobuf.Root {
  const { file_descriptor_proto: files } = response.file_descriptor_response as {
    file_descriptor_proto: readonly Buffer[]
  }
  return rootOf(files)
}

t.test('a described message reads what the original writes', async t => {
  const files = await describeFiles(['mixer/v1/mixer.proto'])
  const root = rootOf([...files.values()].map(({ bytes }) => bytes))
  const type = root.lookupType('istio.mixer.v1.CheckRequest')
  const words = ['a', 'b']
  const maps = {
    strings: { 1: -1 },
    int64s: { 2: '-5' },
    bools: { '-3': true },
    durations: { 3: { seconds: '7', nanos: 1 } },
    string_maps: { 4: { entries: { '-1': -2 } } },
  }
  const message = { attributes: { words, ...maps }, quotas: { q: { amount: '3', best_effort: true } } }
  const bytes = encode('istio.mixer.v1.CheckRequest', message)
  t.same(type.toObject(type.decode(bytes), { longs: String }), decode('istio.mixer.v1.CheckRequest', bytes))
})

for (const kind of serverKinds) {
  t.test(`the doors describe themselves to tools, on ${kind}`, async t => {
    const services = [
      'istio.mixer.v1.Mixer',
      'envoy.service.auth.v3.Authorization',
      'grpc.health.v1.Health',
      'not.Described',
    ]
    const client = await connected(t, {
      kind,
      services: reflectionServices(services.map(name => ({ name, methods: [] }))),
    })
    for (const version of ['v1', 'v1alpha']) {
      const call = client.raw.makeBidiStreamRequest(
        `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
        asIs,
        asIs,
      )
      const ask = (request: Record<string, unknown>) =>
        new Promise<Record<string, unknown>>(resolve => {
          call.once('data', (message: Buffer) =>
            resolve(decode('grpc.reflection.v1.ServerReflectionResponse', message)),
          )
          call.write(encode('grpc.reflection.v1.ServerReflectionRequest', request))
        })
      t.same((await ask({ list_services: '' })).list_services_response, {
        service: [
          { name: 'istio.mixer.v1.Mixer' },
          { name: 'envoy.service.auth.v3.Authorization' },
          { name: 'grpc.health.v1.Health' },
          { name: 'not.Described' },
          { name: 'grpc.reflection.v1.ServerReflection' },
        ],
      })
      for (const symbol of [
        'istio.mixer.v1.Mixer',
        'istio.mixer.v1.Mixer.Check',
        'envoy.service.auth.v3.Authorization',
        'grpc.health.v1.Health',
      ])
        t.ok(described(await ask({ file_containing_symbol: symbol })).lookup(symbol), symbol)
      t.match(await ask({ file_by_filename: 'mixer/v1/mixer.proto' }), {
        original_request: { file_by_filename: 'mixer/v1/mixer.proto' },
      })
      t.match(await ask({ file_by_filename: 'no.proto' }), { error_response: { error_code: 5 } })
      const ended = new Promise(resolve => call.on('end', resolve))
      call.end()
      await ended
    }
  })
}

t.test('everything that the doors serve is described', async t => {
  const files = await describeFiles([
    'envoy/service/accesslog/v3/als.proto',
    'grpc/health/v1/health.proto',
    'grpc/reflection/v1/reflection.proto',
  ])
  const root = rootOf([...files.values()].map(({ bytes }) => bytes))
  for (const service of [
    'envoy.service.accesslog.v3.AccessLogService',
    'grpc.health.v1.Health',
    'grpc.reflection.v1.ServerReflection',
  ])
    t.ok(root.lookupService(service).methodsArray.length > 0, service)
})
