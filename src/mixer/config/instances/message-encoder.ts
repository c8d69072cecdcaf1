import {
  AdapterError,
  type DescriptorSet,
  enumType,
  type FieldDescriptor,
  type MessageDescriptor,
  messageType,
  nearest,
  scalarTypes,
  WireWriter,
} from '@outboard/adapters-sdk'
import { leafFor } from './leaf.js'
import { LiteralProblem, typedLiteral } from './literal.js'
import { describe, isMap } from './params.js'
import { keyOf } from './plan.js'
import { type FieldPath, type InstanceProblem, type InstanceProblemCode, printPath } from './problem.js'
import { scalarParam, scalarWireType } from './scalar-text.js'

/** Messages inside messages, lists and maps in params; one more is a problem. */
const maxDepth = 32

/** The one field of a wrapper message, by the message's full name: `google.protobuf.StringValue` and its kin. */
const wrapperName = /^google\.protobuf\.(?:String|Bytes|Bool|Double|Float|Int32|Int64|UInt32|UInt64)Value$/

/** Encodes JSON-like data as a message of a descriptor set. Whatever is wrong is collected, each with its path. */
export class MessageEncoder {
  readonly problems: InstanceProblem[] = []
  readonly #writer = new WireWriter()

  constructor(readonly descriptors: DescriptorSet) {}

  /** The bytes; undefined when there are problems. */
  encode(message: MessageDescriptor, params: unknown, path: FieldPath): Uint8Array | undefined {
    try {
      this.#fields(message, params, path)
      return this.problems.length === 0 ? this.#writer.finish() : undefined
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error
      this.#problem(path, 'INSTANCE_FIELD_VALUE', error.message)
      return undefined
    }
  }

  #problem(path: FieldPath, code: InstanceProblemCode, message: string): void {
    this.problems.push({ path, code, message: `${printPath(path)}: ${message}`, at: undefined })
  }

  #fields(message: MessageDescriptor, params: unknown, path: FieldPath): void {
    if (!isMap(params)) {
      this.#problem(path, 'INSTANCE_FIELD_TYPE', `takes a map of fields, found ${describe(params)}`)
      return
    }
    if (path.length > maxDepth) {
      this.#problem(path, 'INSTANCE_TOO_DEEP', `more than ${maxDepth} levels inside each other`)
      return
    }
    for (const { field, param, key } of this.#given(message, params, path)) {
      this.#field(message, field, param, [...path, key])
    }
  }

  /** The fields that params give, ascending by number. */
  #given(message: MessageDescriptor, params: Readonly<Record<string, unknown>>, path: FieldPath): Given[] {
    const given = new Map<number, Given>()
    const oneofs = new Map<number, string>()
    for (const [key, param] of Object.entries(params)) {
      const field = message.fields.find(({ name, jsonName }) => name === key || jsonName === key)
      if (field === undefined) {
        this.#unknown(message, key, [...path, key])
        continue
      }
      if (param === undefined || param === null) continue
      const rival = field.oneof === undefined ? undefined : oneofs.get(field.oneof)
      if (given.has(field.number)) {
        this.#problem([...path, key], 'INSTANCE_DUPLICATE_FIELD', `the field ${field.name} is given twice`)
      } else if (rival !== undefined) {
        this.#problem(
          [...path, key],
          'INSTANCE_ONEOF',
          `stands beside ${rival}; only one of them can be given`,
        )
      } else given.set(field.number, { field, param, key })
      if (field.oneof !== undefined) oneofs.set(field.oneof, field.name)
    }
    return [...given.values()].sort((a, b) => a.field.number - b.field.number)
  }

  #unknown(message: MessageDescriptor, key: string, path: FieldPath): void {
    const names = message.fields.map(({ name }) => name)
    const near = nearest(key, names)
    const hint = near === undefined ? `; it has ${names.join(', ') || 'none'}` : `; did you mean "${near}"?`
    const text = `${message.fullName} has no field ${JSON.stringify(key)}${hint}`
    this.#problem(path, 'INSTANCE_UNKNOWN_FIELD', text)
  }

  #field(owner: MessageDescriptor, field: FieldDescriptor, param: unknown, path: FieldPath): void {
    const entry = field.type === messageType ? this.descriptors.messages.get(field.typeName) : undefined
    if (field.repeated && entry?.isMapEntry === true) this.#map(field, entry, param, path)
    else if (field.repeated) this.#list(owner, field, param, path)
    else this.#single(owner, field, param, path)
  }

  #map(field: FieldDescriptor, entry: MessageDescriptor, param: unknown, path: FieldPath): void {
    const key = entry.fields.find(({ number }) => number === 1)
    const value = entry.fields.find(({ number }) => number === 2)
    if (!isMap(param) || key === undefined || value === undefined) {
      this.#problem(path, 'INSTANCE_FIELD_TYPE', `takes a map, found ${describe(param)}`)
      return
    }
    for (const name of Object.keys(param).sort()) {
      const item = param[name]
      if (item === undefined || item === null) continue
      this.#writer.uint32(keyOf(field.number, 2))
      const start = this.#writer.begin()
      this.#single(entry, key, scalarTypes.get(key.type) === 'bool' ? booleanKey(name) : name, [
        ...path,
        name,
      ])
      this.#single(entry, value, item, [...path, name])
      this.#writer.end(start)
    }
  }

  #list(owner: MessageDescriptor, field: FieldDescriptor, param: unknown, path: FieldPath): void {
    if (!Array.isArray(param)) {
      this.#problem(path, 'INSTANCE_FIELD_TYPE', `takes a list, found ${describe(param)}`)
      return
    }
    const scalar = scalarTypes.get(field.type)
    const packed = field.type === enumType || (scalar !== undefined && scalarWireType(scalar) !== 2)
    if (!packed) {
      for (const [index, item] of param.entries()) this.#single(owner, field, item, [...path, index])
      return
    }
    if (param.length === 0) return
    this.#writer.uint32(keyOf(field.number, 2))
    const start = this.#writer.begin()
    for (const [index, item] of param.entries()) this.#content(owner, field, item, [...path, index])
    this.#writer.end(start)
  }

  #single(owner: MessageDescriptor, field: FieldDescriptor, param: unknown, path: FieldPath): void {
    const scalar = scalarTypes.get(field.type)
    const wireType = scalar !== undefined ? scalarWireType(scalar) : field.type === enumType ? 0 : 2
    this.#writer.uint32(keyOf(field.number, wireType))
    this.#content(owner, field, param, path)
  }

  /** What stands behind a field's key. */
  #content(owner: MessageDescriptor, field: FieldDescriptor, param: unknown, path: FieldPath): void {
    const scalar = scalarTypes.get(field.type)
    if (scalar !== undefined) {
      const write = scalarParam(scalar, param)
      if (write instanceof LiteralProblem) this.#problem(path, write.code, write.message)
      else write(this.#writer)
    } else if (field.type === enumType) this.#enum(field, param, path)
    else if (field.type === messageType) this.#message(field, param, path)
    else
      this.#problem(
        path,
        'INSTANCE_FIELD_UNSUPPORTED',
        `${owner.fullName}.${field.name} is a group, which nobody can fill`,
      )
  }

  #enum(field: FieldDescriptor, param: unknown, path: FieldPath): void {
    const values = this.descriptors.enums.get(field.typeName)?.values
    const number = typeof param === 'string' ? values?.get(param) : undefined
    if (number !== undefined) {
      this.#writer.int64(number)
      return
    }
    const names = [...(values?.keys() ?? [])]
    const near = typeof param === 'string' ? nearest(param, names) : undefined
    const hint = near === undefined ? `; it is one of ${names.join(', ')}` : `; did you mean "${near}"?`
    this.#problem(
      path,
      'INSTANCE_FIELD_VALUE',
      `takes the name of a value of ${field.typeName}, found ${describe(param)}${hint}`,
    )
  }

  #message(field: FieldDescriptor, param: unknown, path: FieldPath): void {
    const message = this.descriptors.messages.get(field.typeName)
    if (message === undefined) {
      this.#problem(
        path,
        'INSTANCE_FIELD_UNSUPPORTED',
        `is of type ${field.typeName}, which the descriptor set does not define`,
      )
      return
    }
    if (!isMap(param) && message.fullName === 'google.protobuf.Duration') this.#typed('DURATION', param, path)
    else if (!isMap(param) && message.fullName === 'google.protobuf.Timestamp')
      this.#typed('TIMESTAMP', param, path)
    else {
      const start = this.#writer.begin()
      const bare = !isMap(param) && wrapperName.test(message.fullName)
      const [value] = message.fields
      if (bare && value !== undefined) this.#single(message, value, param, path)
      else this.#fields(message, param, path)
      this.#writer.end(start)
    }
  }

  /** A duration or a time as text. */
  #typed(type: 'DURATION' | 'TIMESTAMP', param: unknown, path: FieldPath): void {
    const literal =
      typeof param === 'string'
        ? typedLiteral(type, param)
        : new LiteralProblem(
            'INSTANCE_FIELD_TYPE',
            `takes ${type === 'DURATION' ? 'a duration such as 1m30s' : 'a time such as 2006-01-02T15:04:05Z'}, found ${describe(param)}`,
          )
    if (literal instanceof LiteralProblem) this.#problem(path, literal.code, literal.message)
    else leafFor({ kind: 'wellknown', valueType: type }, type)?.write(this.#writer, literal.value)
  }
}

interface Given {
  readonly field: FieldDescriptor
  readonly param: unknown
  /** As it is written. */
  readonly key: string
}

/** The keys of documents are texts; a map with boolean keys has them by their names. */
function booleanKey(name: string): unknown {
  return name === 'true' ? true : name === 'false' ? false : name
}
