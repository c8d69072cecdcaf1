import protobuf from 'protobufjs'

/** Numbers of `google.protobuf.FieldDescriptorProto`: labels and types. */
const optional = 1
const repeated = 3
const boolType = 8
const stringType = 9

interface ParamsField {
  readonly name: string
  readonly number: number
  readonly label: number
  readonly type: number
}

const fields: readonly ParamsField[] = [
  { name: 'overrides', number: 6, label: repeated, type: stringType },
  { name: 'blacklist', number: 8, label: optional, type: boolType },
]

/**
 * The descriptor set of `adapter.list.config.Params`, as much of it as the benchmark uses, in base64: Istio's unary
 * services take settings as a message of the type that an `adapter` document declares.
 */
export function listParamsDescriptor(): string {
  const writer = protobuf.Writer.create()
  const bytes = (field: number) => writer.uint32((field << 3) | 2)
  const number = (field: number, value: number) => writer.uint32(field << 3).uint32(value)
  bytes(1).fork() // file
  bytes(1).string('list/config/config.proto')
  bytes(2).string('adapter.list.config')
  bytes(4).fork() // message_type
  bytes(1).string('Params')
  for (const field of fields) {
    bytes(2).fork()
    bytes(1).string(field.name)
    number(3, field.number)
    number(4, field.label)
    number(5, field.type)
    writer.ldelim()
  }
  writer.ldelim()
  bytes(12).string('proto3')
  writer.ldelim()
  return Buffer.from(writer.finish()).toString('base64')
}
