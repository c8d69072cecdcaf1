import type { FieldShape, FieldType, MessageShape } from '../../template.js'
import { TemplateError } from '../errors.js'
import { policyPackage, wellknownType, wrappedType } from '../policy-types.js'
import {
  type DescriptorSet,
  enumType,
  type FieldDescriptor,
  type MessageDescriptor,
  messageType,
  scalarTypes,
} from './model.js'

/** Turns the messages of a set into shapes, each once; a type that is missing or unusable is found now, not later. */
export class ShapeBuilder {
  readonly #set: DescriptorSet
  readonly #shapes = new Map<string, MessageShape>()
  readonly #waiting: MessageDescriptor[] = []

  constructor(set: DescriptorSet) {
    this.#set = set
  }

  /**
   * The shape of a message, without the fields of the given numbers.
   * @throws {TemplateError} `TEMPLATE_UNRESOLVED`, `TEMPLATE_FIELD`, `TEMPLATE_MALFORMED`
   */
  build(message: MessageDescriptor, without: number | undefined): MessageShape {
    const shape = this.#build(message, without)
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
      if (!this.#shapes.has(next.fullName)) this.#shapes.set(next.fullName, this.#build(next, undefined))
    }
    return shape
  }

  #build(message: MessageDescriptor, without: number | undefined): MessageShape {
    const { fullName } = message
    const names = new Set<string>()
    const numbers = new Set<number>()
    const fields: FieldShape[] = []
    for (const field of message.fields) {
      if (names.has(field.name) || numbers.has(field.number)) {
        throw new TemplateError(
          'TEMPLATE_MALFORMED',
          `Message ${fullName} has two fields ${JSON.stringify(field.name)} or two of number ${field.number}`,
        )
      }
      names.add(field.name)
      numbers.add(field.number)
      if (field.number === without) continue
      const { name, jsonName, number } = field
      fields.push({ name, jsonName, number, type: this.#type(fullName, field) })
    }
    return { fullName, fields: fields.sort((a, b) => a.number - b.number) }
  }

  #type(owner: string, field: FieldDescriptor): FieldType {
    const item = this.#singular(owner, field)
    if (!field.repeated) return item
    if (item.kind === 'map') return item
    return { kind: 'repeated', item }
  }

  #singular(owner: string, field: FieldDescriptor): FieldType {
    const scalar = scalarTypes.get(field.type)
    if (scalar !== undefined) return { kind: 'scalar', scalar }
    if (field.type === messageType) return this.#messageType(owner, field)
    if (field.type === enumType) {
      const found = this.#set.enums.get(field.typeName)
      if (found === undefined) throw unresolved(owner, field)
      return { kind: 'enum', fullName: found.fullName, values: found.values }
    }
    throw new TemplateError(
      'TEMPLATE_FIELD',
      `Field ${owner}.${field.name} has type ${field.type}, which is unknown`,
    )
  }

  #messageType(owner: string, field: FieldDescriptor): FieldType {
    const message = this.#set.messages.get(field.typeName)
    if (message === undefined) throw unresolved(owner, field)
    const { fullName } = message
    if (message.isMapEntry && field.repeated) return this.#mapType(owner, field, message)
    if (fullName === `${policyPackage}.Value`) return { kind: 'value' }
    const wrapped = wrappedType(fullName)
    if (wrapped !== undefined) return { kind: 'wrapped', valueType: wrapped }
    const wellknown = wellknownType(fullName)
    if (wellknown !== undefined) return { kind: 'wellknown', valueType: wellknown }
    this.#waiting.push(message)
    const shapes = this.#shapes
    return { kind: 'message', shape: () => known(shapes, fullName) }
  }

  #mapType(owner: string, field: FieldDescriptor, entry: MessageDescriptor): FieldType {
    const key = entry.fields.find(({ number }) => number === 1)
    const value = entry.fields.find(({ number }) => number === 2)
    if (key === undefined || value === undefined || value.repeated) {
      throw new TemplateError('TEMPLATE_MALFORMED', `Map ${owner}.${field.name} has no proper entries`)
    }
    if (scalarTypes.get(key.type) !== 'string') {
      throw new TemplateError('TEMPLATE_FIELD', `Map ${owner}.${field.name} has keys that are no strings`)
    }
    return { kind: 'map', value: this.#singular(entry.fullName, value) }
  }
}

function known(shapes: ReadonlyMap<string, MessageShape>, fullName: string): MessageShape {
  const shape = shapes.get(fullName)
  if (shape === undefined) throw new TypeError(`the shape of ${fullName} is asked for before it is built`)
  return shape
}

function unresolved(owner: string, field: FieldDescriptor): TemplateError {
  return new TemplateError(
    'TEMPLATE_UNRESOLVED',
    `Field ${owner}.${field.name} has type ${JSON.stringify(field.typeName)}, which the descriptor set does not define; ` +
      'make the set with its imports (protoc --include_imports)',
  )
}
