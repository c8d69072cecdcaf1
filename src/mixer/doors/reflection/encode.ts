import type { Enum, Field, Method, OneOf, Service, Type } from 'protobufjs'
import type { WireWriter } from '../wire/writer.js'

/** Numbers of `FieldDescriptorProto.Type`. Source: google/protobuf/descriptor.proto. */
const scalarTypes: Readonly<Record<string, number>> = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  bytes: 12,
  uint32: 13,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
}
const messageType = 11
const enumType = 14
const optional = 1
const repeated = 3

const isType = (object: object): object is Type => 'fieldsArray' in object
const isEnum = (object: object): object is Enum => 'valuesById' in object

/** Writes a DescriptorProto as a field. Fields are written last to first (see WireWriter). */
export function writeMessage(writer: WireWriter, field: number, type: Type): void {
  const mark = writer.mark()
  const oneofs = type.oneofsArray
  for (const oneof of [...oneofs].reverse()) {
    const entry = writer.mark()
    writer.string(1, oneof.name)
    writer.nested(8, entry)
  }
  for (const nested of [...type.nestedArray].reverse()) {
    if (isEnum(nested)) writeEnum(writer, 4, nested)
    else if (isType(nested)) writeMessage(writer, 3, nested)
  }
  const fields = type.fieldsArray
  for (const one of [...fields].reverse()) if (one.map) writeMapEntry(writer, one)
  for (const one of [...fields].reverse()) writeField(writer, one, oneofs)
  writer.string(1, type.name)
  writer.nested(field, mark)
}

/** The name of the message that stands for a map's entries: `string_maps` gives `StringMapsEntry`. */
function entryName(field: Field): string {
  return `${field.name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Entry`
}

function writeMapEntry(writer: WireWriter, field: Field): void {
  const mark = writer.mark()
  const options = writer.mark()
  writer.uint32(7, 1)
  writer.nested(7, options)
  writeShape(writer, 'value', 2, optional, typeOf(field))
  const keyType = 'keyType' in field ? String(field.keyType) : 'string'
  writeShape(writer, 'key', 1, optional, { number: scalarTypes[keyType] ?? 9, name: undefined })
  writer.string(1, entryName(field))
  writer.nested(3, mark)
}

interface FieldTypeShape {
  readonly number: number
  /** Full name, with a leading dot. */
  readonly name: string | undefined
}

function typeOf(field: Field): FieldTypeShape {
  const resolved = field.resolvedType
  if (resolved === null) return { number: scalarTypes[field.type] ?? messageType, name: undefined }
  return { number: isEnum(resolved) ? enumType : messageType, name: resolved.fullName }
}

function writeField(writer: WireWriter, field: Field, oneofs: readonly OneOf[]): void {
  const shape = field.map
    ? { number: messageType, name: `${field.parent?.fullName ?? ''}.${entryName(field)}` }
    : typeOf(field)
  const oneof = field.partOf === null ? -1 : oneofs.indexOf(field.partOf)
  writeShape(writer, field.name, field.id, field.repeated || field.map ? repeated : optional, shape, oneof)
}

/** A FieldDescriptorProto. */
function writeShape(
  writer: WireWriter,
  name: string,
  id: number,
  label: number,
  type: FieldTypeShape,
  oneof = -1,
): void {
  const mark = writer.mark()
  writer.string(
    10,
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  )
  if (oneof >= 0) writer.uint32(9, oneof)
  if (type.name !== undefined) writer.string(6, type.name)
  writer.uint32(5, type.number)
  writer.uint32(4, label)
  writer.uint32(3, id)
  writer.string(1, name)
  writer.nested(2, mark)
}

/** Writes an EnumDescriptorProto as a field. */
export function writeEnum(writer: WireWriter, field: number, type: Enum): void {
  const mark = writer.mark()
  for (const [name, number] of Object.entries(type.values).reverse()) {
    const value = writer.mark()
    writer.int64(2, number)
    writer.string(1, name)
    writer.nested(2, value)
  }
  writer.string(1, type.name)
  writer.nested(field, mark)
}

/** Writes a ServiceDescriptorProto as a field. */
export function writeService(writer: WireWriter, field: number, service: Service): void {
  const mark = writer.mark()
  for (const method of [...service.methodsArray].reverse()) writeMethod(writer, method)
  writer.string(1, service.name)
  writer.nested(field, mark)
}

function writeMethod(writer: WireWriter, method: Method): void {
  const mark = writer.mark()
  if (method.responseStream === true) writer.uint32(6, 1)
  if (method.requestStream === true) writer.uint32(5, 1)
  writer.string(3, method.resolvedResponseType?.fullName ?? method.responseType)
  writer.string(2, method.resolvedRequestType?.fullName ?? method.requestType)
  writer.string(1, method.name)
  writer.nested(2, mark)
}
