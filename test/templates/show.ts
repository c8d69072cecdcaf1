import type { FieldShape, FieldType, MessageShape, TemplateDefinition } from '@outboard/adapters-sdk'

/** Any value as text, exact: kinds of number apart, keys sorted, prototypes ignored. */
export function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (value instanceof Uint8Array) return `bytes(${[...value].join(' ')})`
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (value instanceof Map) return `map(${[...value].map(show).join(', ')})`
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value)
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return `{${entries
    .map(([key, inner]) => `${JSON.stringify(key)}: ${show(inner)}`)
    .sort()
    .join(', ')}}`
}

/** A definition as text; messages that contain themselves are shown once. */
export function showTemplate(definition: TemplateDefinition): string {
  const { instance, output, ...rest } = definition
  return [show(rest), showShape(instance), output === undefined ? 'no output' : showShape(output)].join('\n')
}

function showShape(root: MessageShape): string {
  const seen = new Set<string>()
  const type = (t: FieldType): string => {
    switch (t.kind) {
      case 'scalar':
        return t.scalar
      case 'enum':
        return `enum ${t.fullName} ${show(new Map([...t.values].sort()))}`
      case 'value':
        return 'Value'
      case 'wrapped':
      case 'wellknown':
        return `${t.kind} ${t.valueType}`
      case 'message':
        return message(t.shape())
      case 'map':
        return `map<${type(t.value)}>`
      case 'repeated':
        return `repeated ${type(t.item)}`
    }
  }
  const field = (f: FieldShape) => `${f.number} ${f.name} (${f.jsonName}): ${type(f.type)}`
  const message = (shape: MessageShape): string => {
    if (seen.has(shape.fullName)) return shape.fullName
    seen.add(shape.fullName)
    return `${shape.fullName} {${shape.fields.map(field).join('; ')}}`
  }
  return message(root)
}
