import { createHash } from 'node:crypto'
import type { FieldType, MessageShape, TemplateDefinition } from '@outboard/adapters-sdk'
import type { Node } from '../source/node.js'
import { compareText } from '../vocabulary/build.js'

/**
 * One text for equal data, whatever the order of keys: what hashes are made of. Takes JSON-like data, and maps, bytes
 * and `bigint` besides. Lengths stand before texts, so that no two values share a form.
 */
export function canonical(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'u'
    case 'boolean':
      return value ? 't' : 'f'
    case 'number':
      return `n${value};`
    case 'bigint':
      return `i${value};`
    case 'string':
      return `s${value.length}:${value}`
    case 'object':
      return value === null ? 'z' : canonicalObject(value)
    case 'symbol':
    case 'function':
      throw new TypeError(`no canonical form of a ${typeof value}`)
  }
}

function canonicalObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join('')}]`
  if (value instanceof Uint8Array) return `b${value.length}:${Buffer.from(value).toString('base64')}`
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
  const parts = entries
    .filter(([, held]) => held !== undefined)
    .map(([key, held]): [string, unknown] => [String(key), held])
    .sort(([a], [b]) => compareText(a, b))
  return `{${parts.map(([key, held]) => canonical(key) + canonical(held)).join('')}}`
}

/** The same for what a document holds, without making plain data of it first: it is done for every document. */
export function canonicalNode(node: Node): string {
  switch (node.kind) {
    case 'scalar':
      return canonical(node.value)
    case 'list': {
      let text = '['
      for (const item of node.items) text += canonicalNode(item)
      return `${text}]`
    }
    case 'map': {
      let text = '{'
      for (const key of [...node.entries.keys()].sort()) {
        const entry = node.entries.get(key)
        if (entry !== undefined) text += `s${key.length}:${key}${canonicalNode(entry.value)}`
      }
      return `${text}}`
    }
  }
}

/** SHA-256 in hex. */
export function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Everything about a template that adapters and encodings depend on, as JSON-like data. */
export function templateFacts(template: TemplateDefinition): unknown {
  const { name, packageName, variety, methodPath, instance, output } = template
  const seen = new Set<string>()
  return {
    name,
    packageName,
    variety,
    methodPath,
    instance: shapeFacts(instance, seen),
    output: output && shapeFacts(output, seen),
  }
}

/** A message is described once; where it occurs again, inside itself perhaps, its name stands for it. */
function shapeFacts(shape: MessageShape, seen: Set<string>): unknown {
  if (seen.has(shape.fullName)) return shape.fullName
  seen.add(shape.fullName)
  return [shape.fullName, shape.fields.map(({ name, number, type }) => [name, number, typeFacts(type, seen)])]
}

function typeFacts(type: FieldType, seen: Set<string>): unknown {
  switch (type.kind) {
    case 'scalar':
      return type.scalar
    case 'enum':
      return [type.fullName, type.values]
    case 'value':
      return 'value'
    case 'wrapped':
    case 'wellknown':
      return [type.kind, type.valueType]
    case 'message':
      return shapeFacts(type.shape(), seen)
    case 'map':
      return ['map', typeFacts(type.value, seen)]
    case 'repeated':
      return ['repeated', typeFacts(type.item, seen)]
  }
}
