import {
  type FieldShape,
  type FieldType,
  instanceNameField,
  type MessageShape,
  type TemplateDefinition,
  type Variety,
} from '../../template.js'
import { modelPackage, policyPackage, policyTypeName } from '../policy-types.js'
import { enumType, messageType } from './model.js'
import { NameTree } from './name-tree.js'
import { scalarNumber, supportFileOf, supportFiles } from './support.js'
import { qualified, varieties } from './template.js'
import { type FieldSource, type FileSource, type MessageSource, writeDescriptorSet } from './write.js'

/**
 * The descriptor set of a template's handler service, with the files that it imports and without comments: what a
 * `template` document holds (before base64), and what an adapter announces. {@link templateFromDescriptorSet} gives the
 * definition back.
 */
export function templateToDescriptorSet(definition: TemplateDefinition): Uint8Array {
  return writeDescriptorSet(new SetBuilder(definition).files())
}

const stringType = 9

class SetBuilder {
  readonly #definition: TemplateDefinition
  /** Messages and enums to define, other than those of the support files. */
  readonly #types = new NameTree()
  readonly #imports = new Set<string>()
  readonly #seen = new Set<string>()

  constructor(definition: TemplateDefinition) {
    this.#definition = definition
  }

  files(): FileSource[] {
    const { packageName, variety, name, instance, output } = this.#definition
    const nameField = field('name', instanceNameField, stringType, '')
    this.#define(instance, [nameField])
    if (output !== undefined) this.#define(output, [])
    const [service, method] = this.#method()
    const request = qualified(packageName, `${method}Request`)
    this.#types.message(request, this.#requestFields())
    const foreign = this.#types.packages().filter(other => other !== packageName)
    const result = this.#result(method)
    const support = this.#support()
    const main: FileSource = {
      name: `${name}_handler_service.proto`,
      packageName,
      dependencies: [...support.map(file => file.name), ...foreign.map(fileOf)],
      ...this.#types.definitions(packageName),
      service: { name: service, method, input: request, output: result },
      template: { variety: varieties.indexOf(variety), name },
    }
    const others = foreign.map(other => ({
      name: fileOf(other),
      packageName: other,
      dependencies: support.map(file => file.name),
      ...this.#types.definitions(other),
      service: undefined,
      template: undefined,
    }))
    return [...support, ...others, main]
  }

  /** Service (without package) and method. */
  #method(): readonly [service: string, method: string] {
    const [, service = '', method = ''] = this.#definition.methodPath.split('/')
    return [service.slice(service.lastIndexOf('.') + 1), method]
  }

  #requestFields(): FieldSource[] {
    const { variety, instance } = this.#definition
    const question =
      variety === 'REPORT'
        ? { ...field('instances', 1, messageType, instance.fullName), repeated: true }
        : field('instance', 1, messageType, instance.fullName)
    const fields = [
      question,
      field('adapter_config', 2, messageType, this.#use('google.protobuf.Any')),
      field('dedup_id', 3, stringType, ''),
    ]
    if (variety === 'QUOTA') {
      fields.push(field('quota_request', 4, messageType, this.#use(`${modelPackage}.QuotaRequest`)))
    }
    return fields
  }

  /** The full name of what the method answers. */
  #result(method: string): string {
    const { variety, packageName, output } = this.#definition
    const outputName = output?.fullName
    switch (variety) {
      case 'CHECK':
      case 'REPORT':
      case 'QUOTA':
        return this.#use(`${modelPackage}.${resultNames[variety]}`)
      case 'ATTRIBUTE_GENERATOR':
        return outputName ?? this.#use(`${modelPackage}.ReportResult`)
      case 'CHECK_WITH_OUTPUT': {
        const response = qualified(packageName, `${method}Response`)
        const fields = [field('result', 1, messageType, this.#use(`${modelPackage}.CheckResult`))]
        if (outputName !== undefined) fields.push(field('output', 2, messageType, outputName))
        this.#types.message(response, fields)
        return response
      }
    }
  }

  /** Notes that a type of the support files is needed. */
  #use(fullName: string): string {
    const file = supportFileOf(fullName)
    if (file === undefined) throw new TypeError(`no file defines ${fullName}`)
    this.#imports.add(file)
    return fullName
  }

  /** The support files in use, with what they import, in order of dependency. */
  #support(): FileSource[] {
    const needed = new Set<string>()
    const add = (name: string): void => {
      needed.add(name)
      for (const dependency of supportFiles.get(name)?.dependencies ?? []) add(dependency)
    }
    for (const name of this.#imports) add(name)
    return [...supportFiles.values()].filter(({ name }) => needed.has(name))
  }

  #define(shape: MessageShape, more: readonly FieldSource[]): void {
    if (this.#seen.has(shape.fullName)) return
    this.#seen.add(shape.fullName)
    const nested: MessageSource[] = []
    const fields = shape.fields.map(each => this.#field(shape, each, nested))
    this.#types.message(shape.fullName, [...more, ...fields], nested)
  }

  #field(owner: MessageShape, shape: FieldShape, nested: MessageSource[]): FieldSource {
    const { name, jsonName, number, type } = shape
    if (type.kind !== 'map') {
      const repeated = type.kind === 'repeated'
      return { name, jsonName, number, repeated, ...this.#typeOf(repeated ? type.item : type) }
    }
    const entry = entryName(name)
    const value = {
      name: 'value',
      jsonName: 'value',
      number: 2,
      repeated: false,
      ...this.#typeOf(type.value),
    }
    nested.push({
      name: entry,
      fields: [field('key', 1, stringType, ''), value],
      nested: [],
      enums: [],
      isMapEntry: true,
    })
    return {
      name,
      jsonName,
      number,
      repeated: true,
      type: messageType,
      typeName: `${owner.fullName}.${entry}`,
    }
  }

  #typeOf(type: FieldType): { readonly type: number; readonly typeName: string } {
    switch (type.kind) {
      case 'scalar':
        return { type: scalarNumber(type.scalar) ?? 0, typeName: '' }
      case 'enum':
        this.#types.enumeration(type.fullName, type.values)
        return { type: enumType, typeName: type.fullName }
      case 'value':
        return { type: messageType, typeName: this.#use(`${policyPackage}.Value`) }
      case 'wrapped':
        return {
          type: messageType,
          typeName: this.#use(`${policyPackage}.${policyTypeName(type.valueType) ?? 'Value'}`),
        }
      case 'wellknown':
        return {
          type: messageType,
          typeName: this.#use(
            type.valueType === 'DURATION' ? 'google.protobuf.Duration' : 'google.protobuf.Timestamp',
          ),
        }
      case 'message': {
        const shape = type.shape()
        if (supportFileOf(shape.fullName) === undefined) this.#define(shape, [])
        else this.#use(shape.fullName)
        return { type: messageType, typeName: shape.fullName }
      }
      case 'map':
      case 'repeated':
        throw new TypeError(`a field of kind ${type.kind} cannot stand inside a list or map`)
    }
  }
}

const resultNames = {
  CHECK: 'CheckResult',
  REPORT: 'ReportResult',
  QUOTA: 'QuotaResult',
} as const satisfies Partial<Record<Variety, string>>

function field(name: string, number: number, type: number, typeName: string): FieldSource {
  return {
    name,
    jsonName: name.replace(/_(.)/g, (_, c: string) => c.toUpperCase()),
    number,
    repeated: false,
    type,
    typeName,
  }
}

/** The name that compilers give to the entries of a map field. */
function entryName(name: string): string {
  return `${name.replace(/(?:^|_)(.?)/g, (_, first: string) => first.toUpperCase())}Entry`
}

function fileOf(packageName: string): string {
  return `${packageName.replaceAll('.', '/')}/types.proto`
}
