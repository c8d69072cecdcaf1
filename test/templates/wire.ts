import protobuf from 'protobufjs'

/** One field of a message to be written: number and content. Numbers are varints, texts and bytes have a length. */
export type WireField = readonly [number: number, content: number | string | Uint8Array]

/** The bytes of a message, by another writer than the one under test. */
export function wire(...fields: readonly WireField[]): Uint8Array {
  const writer = protobuf.Writer.create()
  for (const [number, content] of fields) {
    if (typeof content === 'number') writer.uint32(((number << 3) | 0) >>> 0).int32(content)
    else if (typeof content === 'string') writer.uint32(((number << 3) | 2) >>> 0).string(content)
    else writer.uint32(((number << 3) | 2) >>> 0).bytes(content)
  }
  return writer.finish()
}

/** `FieldDescriptorProto`. */
export function field(name: string, number: number, type: number, typeName = '', label = 1): Uint8Array {
  return wire(
    [1, name],
    [3, number],
    [4, label],
    [5, type],
    ...(typeName === '' ? [] : [[6, typeName] as const]),
  )
}

/** `DescriptorProto`. */
export function message(
  name: string,
  fields: readonly Uint8Array[],
  more: readonly WireField[] = [],
): Uint8Array {
  return wire([1, name], ...fields.map(each => [2, each] as const), ...more)
}

/** `ServiceDescriptorProto`. */
export function service(name: string, ...methods: readonly string[]): Uint8Array {
  return wire([1, name], ...methods.map(method => [2, wire([1, method])] as const))
}

/** What a file of a set holds, with the parts of a right template for what is not given. */
export interface FileParts {
  readonly packageName?: string
  readonly messages?: readonly Uint8Array[]
  readonly services?: readonly Uint8Array[]
  readonly options?: readonly WireField[]
}

/** The field `name` of `InstanceMsg`. */
export const nameField = field('name', 72_295_727, 9)

/** The options of a right template. */
export const options: readonly WireField[] = [
  [72_295_727, 0],
  [72_295_888, 'parcel'],
]

/** `FileDescriptorProto`. */
export function file({
  packageName = 'parcel',
  messages = [message('InstanceMsg', [nameField])],
  services = [service('HandleParcelService', 'HandleParcel')],
  options: fileOptions = options,
}: FileParts): Uint8Array {
  return wire(
    [1, `${packageName}.proto`],
    [2, packageName],
    ...messages.map(each => [4, each] as const),
    ...services.map(each => [6, each] as const),
    ...(fileOptions.length === 0 ? [] : [[8, wire(...fileOptions)] as const]),
  )
}

/** `FileDescriptorSet`. */
export function set(...files: readonly Uint8Array[]): Uint8Array {
  return wire(...files.map(each => [1, each] as const))
}
