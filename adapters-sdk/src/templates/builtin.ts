import type { FieldShape, FieldType, MessageShape, TemplateDefinition } from '../template.js'
import { type TemplateRow, templateRows } from './builtin-table.js'
import { jsonNameOf } from './json-name.js'
import { policyTypes } from './policy-types.js'

/** The names of the templates that need no document. */
export const builtinTemplateNames: readonly string[] = Object.keys(templateRows)

const definitions = new Map<string, TemplateDefinition>()

/** A built-in template by its `template_name`; undefined when there is none. Always the same object for one name. */
export function builtinTemplate(name: string): TemplateDefinition | undefined {
  if (!Object.hasOwn(templateRows, name)) return undefined
  let definition = definitions.get(name)
  if (definition === undefined) {
    const row = templateRows[name]
    if (row === undefined) return undefined
    definition = define(name, row)
    definitions.set(name, definition)
  }
  return definition
}

function define(name: string, row: TemplateRow): TemplateDefinition {
  const { packageName, variety, method } = row
  const shapes = new Map<string, MessageShape>()
  const shapeOf = (message: string): MessageShape => {
    const shape = shapes.get(message)
    if (shape !== undefined) return shape
    const text = row.messages?.[message]
    if (text === undefined) throw new TypeError(`template ${name} has no message ${message}`)
    const made = { fullName: `${packageName}.${message}`, fields: fieldsOf(text, shapeOf) }
    shapes.set(message, made)
    return made
  }
  const message = (short: string, text: string) => ({
    fullName: `${packageName}.${short}`,
    fields: fieldsOf(text, shapeOf),
  })
  return {
    name,
    packageName,
    variety,
    methodPath: `/${packageName}.${method}Service/${method}`,
    instance: message('InstanceMsg', row.instance),
    output: row.output === undefined ? undefined : message('OutputMsg', row.output),
  }
}

function fieldsOf(text: string, shapeOf: (message: string) => MessageShape): FieldShape[] {
  if (text === '') return []
  const fields = text.split(',').map(part => {
    const [, number, name, type] = /^\s*(\d+) (\w+): ([\w<>]+)\s*$/.exec(part) ?? []
    if (number === undefined || name === undefined || type === undefined)
      throw new TypeError(`field "${part}"`)
    return { name, jsonName: jsonNameOf(name), number: Number(number), type: typeOf(type, shapeOf) }
  })
  return fields.sort((a, b) => a.number - b.number)
}

function isPolicyType(name: string): name is keyof typeof policyTypes {
  return Object.hasOwn(policyTypes, name)
}

function typeOf(text: string, shapeOf: (message: string) => MessageShape): FieldType {
  const inMap = /^map<(\w+)>$/.exec(text)?.[1]
  if (inMap !== undefined) return { kind: 'map', value: typeOf(inMap, shapeOf) }
  if (text === 'string' || text === 'int64' || text === 'double' || text === 'bool') {
    return { kind: 'scalar', scalar: text }
  }
  if (text === 'Value') return { kind: 'value' }
  if (isPolicyType(text)) return { kind: 'wrapped', valueType: policyTypes[text] }
  return { kind: 'message', shape: () => shapeOf(text) }
}
