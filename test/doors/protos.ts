import protobuf from 'protobufjs'

/** Our `.proto` files, loaded by protobufjs: another reader and writer of the same messages. */
const root = new protobuf.Root()
root.resolvePath = (_origin, target) =>
  target.startsWith('google/protobuf/') || target.startsWith('proto/') ? target : `proto/${target}`
root.loadSync(
  [
    'mixer/v1/mixer.proto',
    'envoy/service/auth/v3/external_auth.proto',
    'envoy/service/accesslog/v3/als.proto',
    'grpc/health/v1/health.proto',
    'grpc/reflection/v1/reflection.proto',
  ].map(file => `proto/${file}`),
  { keepCase: true },
)
root.resolveAll()

export function encode(type: string, message: Record<string, unknown>): Buffer {
  const found = root.lookupType(type)
  return Buffer.from(found.encode(found.fromObject(message)).finish())
}

/** As a plain object: 64-bit integers as text, enums as numbers, only fields that are there. */
export function decode(type: string, bytes: Uint8Array): Record<string, unknown> {
  const found = root.lookupType(type)
  return found.toObject(found.decode(bytes), { longs: String, bytes: Buffer, oneofs: true })
}
