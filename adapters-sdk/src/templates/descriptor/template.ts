import { Buffer } from 'node:buffer'
import { instanceNameField, type TemplateDefinition, type Variety } from '../../template.js'
import { TemplateError } from '../errors.js'
import type { DescriptorSet, FileDescriptor, MessageDescriptor } from './model.js'
import { readDescriptorSet } from './read.js'
import { ShapeBuilder } from './shapes.js'

/** `template_variety` by number. Source: reference wire-adapter-model, section 1. */
export const varieties: readonly Variety[] = [
  'CHECK',
  'REPORT',
  'QUOTA',
  'ATTRIBUTE_GENERATOR',
  'CHECK_WITH_OUTPUT',
]

/**
 * Reads a template from the descriptor set of its handler service (`spec.descriptor` of a `template` document, once
 * decoded; or what an adapter announces). The rules are those of reference wire-adapter-model, 3.2, and one more: every
 * type must be in the set. A template without `OutputMsg` has no outputs, whatever its variety.
 * @throws {TemplateError}
 */
export function templateFromDescriptorSet(bytes: Uint8Array): TemplateDefinition {
  const set = readDescriptorSet(bytes)
  const file = templateFile(set)
  const variety = varieties[file.options.variety ?? -1]
  if (variety === undefined) {
    throw new TemplateError(
      'TEMPLATE_VARIETY',
      `File ${file.name} has template_variety ${file.options.variety}, which is unknown`,
    )
  }
  const { packageName } = file
  const instance = set.messages.get(qualified(packageName, 'InstanceMsg'))
  if (instance === undefined) {
    throw new TemplateError(
      'TEMPLATE_MESSAGE',
      `The descriptor set has no message ${qualified(packageName, 'InstanceMsg')}`,
    )
  }
  requireName(instance)
  const output = hasOutput(variety) ? set.messages.get(qualified(packageName, 'OutputMsg')) : undefined
  const shapes = new ShapeBuilder(set)
  return {
    name: templateName(file),
    packageName,
    variety,
    methodPath: methodPath(set),
    instance: shapes.build(instance, instanceNameField),
    output: output === undefined ? undefined : shapes.build(output, undefined),
  }
}

/** Whether handlers of a variety answer with an `OutputMsg`. */
export function hasOutput(variety: Variety): boolean {
  switch (variety) {
    case 'ATTRIBUTE_GENERATOR':
    case 'CHECK_WITH_OUTPUT':
      return true
    case 'CHECK':
    case 'REPORT':
    case 'QUOTA':
      return false
  }
}

/** A message's full name in a package; the package may be empty. */
export function qualified(packageName: string, name: string): string {
  return packageName === '' ? name : `${packageName}.${name}`
}

function templateFile(set: DescriptorSet): FileDescriptor {
  const [file, ...more] = set.files.filter(({ options }) => options.variety !== undefined)
  if (file === undefined) {
    throw new TemplateError(
      'TEMPLATE_VARIETY',
      'No file of the descriptor set has the option template_variety',
    )
  }
  if (more.length > 0) {
    const names = [file, ...more].map(({ name }) => name).join(', ')
    throw new TemplateError(
      'TEMPLATE_VARIETY',
      `More than one file has the option template_variety: ${names}`,
    )
  }
  return file
}

function templateName(file: FileDescriptor): string {
  const { templateName } = file.options
  if (templateName === undefined || !/^[a-zA-Z]+$/.test(templateName)) {
    throw new TemplateError(
      'TEMPLATE_NAME',
      `File ${file.name} has template_name ${JSON.stringify(templateName ?? '')}; it must be letters only`,
    )
  }
  return templateName
}

/** The first service of the set whose name begins with `Handle`, and its first method. */
function methodPath(set: DescriptorSet): string {
  for (const { packageName, services } of set.files) {
    const service = services.find(({ name }) => name.startsWith('Handle'))
    if (service === undefined) continue
    const method = service.methods[0]
    const name = qualified(packageName, service.name)
    if (method === undefined) throw new TemplateError('TEMPLATE_SERVICE', `Service ${name} has no method`)
    return `/${name}/${method}`
  }
  throw new TemplateError(
    'TEMPLATE_SERVICE',
    'No service of the descriptor set has a name that begins with Handle',
  )
}

function requireName(instance: MessageDescriptor): void {
  const field = instance.fields.find(({ number }) => number === instanceNameField)
  if (field?.name === 'name' && field.type === 9 && !field.repeated) return
  throw new TemplateError(
    'TEMPLATE_MESSAGE',
    `Message ${instance.fullName} lacks the field "string name = ${instanceNameField}", which carries the instance's name`,
  )
}

/**
 * The bytes behind base64 (standard alphabet, padded; line breaks are passed over).
 * @throws {TemplateError} `TEMPLATE_BASE64`
 */
export function descriptorBytes(base64: string): Uint8Array {
  const text = base64.replace(/[\r\n]/g, '')
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new TemplateError('TEMPLATE_BASE64', 'Cannot decode descriptor: not standard base64 with padding')
  }
  return Buffer.from(text, 'base64')
}
