import { WireWriter } from '../wire/writer.js'

/** A `.proto` file to be written as a descriptor. */
export interface FileSource {
  readonly name: string
  readonly packageName: string
  readonly dependencies: readonly string[]
  readonly messages: readonly MessageSource[]
  readonly enums: readonly EnumSource[]
  readonly service: ServiceSource | undefined
  readonly template: { readonly variety: number; readonly name: string } | undefined
}

export interface MessageSource {
  readonly name: string
  readonly fields: readonly FieldSource[]
  readonly nested: readonly MessageSource[]
  readonly enums: readonly EnumSource[]
  readonly isMapEntry: boolean
}

export interface FieldSource {
  readonly name: string
  readonly jsonName: string
  readonly number: number
  readonly repeated: boolean
  /** `FieldDescriptorProto.Type`. */
  readonly type: number
  /** Full name without leading dot; empty for scalars. */
  readonly typeName: string
}

export interface EnumSource {
  readonly name: string
  readonly values: ReadonlyMap<string, number>
}

export interface ServiceSource {
  readonly name: string
  readonly method: string
  /** Full names without leading dot. */
  readonly input: string
  readonly output: string
}

/** The bytes of a `google.protobuf.FileDescriptorSet`; files should follow those that they depend on. */
export function writeDescriptorSet(files: readonly FileSource[]): Uint8Array {
  const writer = new WireWriter()
  for (const file of files) message(writer, 1, () => writeFile(writer, file))
  return writer.finish()
}

function key(writer: WireWriter, number: number, wireType: number): void {
  writer.uint32(((number << 3) | wireType) >>> 0)
}

function message(writer: WireWriter, number: number, content: () => void): void {
  key(writer, number, 2)
  const start = writer.begin()
  content()
  writer.end(start)
}

function text(writer: WireWriter, number: number, value: string): void {
  key(writer, number, 2)
  writer.string(value)
}

function integer(writer: WireWriter, number: number, value: number): void {
  key(writer, number, 0)
  writer.int64(value)
}

function writeFile(writer: WireWriter, file: FileSource): void {
  text(writer, 1, file.name)
  text(writer, 2, file.packageName)
  for (const dependency of file.dependencies) text(writer, 3, dependency)
  for (const source of file.messages) message(writer, 4, () => writeMessage(writer, source))
  for (const source of file.enums) message(writer, 5, () => writeEnum(writer, source))
  const { service, template } = file
  if (service !== undefined) message(writer, 6, () => writeService(writer, service))
  if (template !== undefined) {
    message(writer, 8, () => {
      integer(writer, 72_295_727, template.variety)
      text(writer, 72_295_888, template.name)
    })
  }
  text(writer, 12, 'proto3')
}

function writeMessage(writer: WireWriter, source: MessageSource): void {
  text(writer, 1, source.name)
  for (const field of source.fields) message(writer, 2, () => writeField(writer, field))
  for (const nested of source.nested) message(writer, 3, () => writeMessage(writer, nested))
  for (const nested of source.enums) message(writer, 4, () => writeEnum(writer, nested))
  if (source.isMapEntry) message(writer, 7, () => integer(writer, 7, 1))
}

function writeField(writer: WireWriter, field: FieldSource): void {
  text(writer, 1, field.name)
  integer(writer, 3, field.number)
  integer(writer, 4, field.repeated ? 3 : 1)
  integer(writer, 5, field.type)
  if (field.typeName !== '') text(writer, 6, `.${field.typeName}`)
  text(writer, 10, field.jsonName)
}

function writeEnum(writer: WireWriter, source: EnumSource): void {
  text(writer, 1, source.name)
  // proto3 wants the value 0 first.
  const values = [...source.values].sort((a, b) => Number(a[1] !== 0) - Number(b[1] !== 0))
  for (const [name, number] of values) {
    message(writer, 2, () => {
      text(writer, 1, name)
      integer(writer, 2, number)
    })
  }
}

function writeService(writer: WireWriter, service: ServiceSource): void {
  text(writer, 1, service.name)
  message(writer, 2, () => {
    text(writer, 1, service.method)
    text(writer, 2, `.${service.input}`)
    text(writer, 3, `.${service.output}`)
  })
}
