import { type FieldShape, type FieldType, type MessageShape, nearest } from '@outboard/adapters-sdk'
import type { Vocabulary } from '../../attributes/index.js'
import { type CompiledExpression, compile, ExprError, type Language } from '../../expr/index.js'
import { ListField, SingleField, WholeMapField } from './fields.js'
import { ExpressionItem, LiteralItem, MessageItem } from './items.js'
import { leafFor, textEntryLeaf } from './leaf.js'
import {
  booleanLiteral,
  type Literal,
  LiteralProblem,
  numberLiteral,
  textLiteral,
  wholeLiteral,
} from './literal.js'
import { MapField, ValueMapField } from './map-field.js'
import type { FieldPlan, ItemPlan, ValueItem } from './plan.js'
import { type FieldPath, type InstanceProblem, type InstanceProblemCode, printPath } from './problem.js'
import type { SharedMaps } from './shared-maps.js'

/**
 * How params are read.
 * - `compiled` (`compiledTemplate`, and the older kind per template): every leaf is the text of an expression; an empty
 *   text leaves its field unset.
 * - `dynamic` (`template`): a text that is one quoted literal is that literal, any other text an expression; numbers and
 *   booleans stand for themselves.
 */
export type InstanceStyle = 'compiled' | 'dynamic'

/** Messages inside messages, lists and maps in params; one more is a problem. */
const maxDepth = 32

/** Compiles params into plans, field by field. Whatever is wrong is collected, and that field left out. */
export class ParamsCompiler {
  readonly problems: InstanceProblem[] = []

  constructor(
    readonly style: InstanceStyle,
    readonly vocabulary: Vocabulary,
    readonly language: Language,
    readonly maps: SharedMaps,
  ) {}

  /** The fields of a message, ascending by number. Keys may be proto or JSON names. */
  fields(shape: MessageShape, params: unknown, path: FieldPath): FieldPlan[] {
    if (params === undefined || params === null) return []
    if (!isMap(params)) {
      this.#wrongShape(path, 'a map of fields', params)
      return []
    }
    if (path.length > maxDepth) {
      this.problem(path, 'INSTANCE_TOO_DEEP', `more than ${maxDepth} levels inside each other`)
      return []
    }
    const plans = new Map<number, FieldPlan>()
    for (const [key, value] of Object.entries(params)) {
      const field = shape.fields.find(({ name, jsonName }) => name === key || jsonName === key)
      if (field === undefined) this.#unknownField(shape, key, [...path, key])
      else if (plans.has(field.number)) {
        this.problem([...path, key], 'INSTANCE_DUPLICATE_FIELD', `the field ${field.name} is given twice`)
      } else {
        const plan = this.#field(field, value, [...path, key])
        if (plan !== undefined) plans.set(field.number, plan)
      }
    }
    return [...plans.values()].sort((a, b) => a.number - b.number)
  }

  problem(path: FieldPath, code: InstanceProblemCode, message: string): void {
    this.problems.push({ path, code, message: `${printPath(path)}: ${message}`, at: undefined })
  }

  /** Compiles a text; a text that does not compile is a problem. */
  expression(text: string, vocabulary: Vocabulary, path: FieldPath): CompiledExpression | undefined {
    try {
      return compile(text, vocabulary, { language: this.language })
    } catch (error) {
      if (!(error instanceof ExprError)) throw error
      const { line, column } = error
      const message = `${printPath(path)}: ${error.message}`
      this.problems.push({ path, code: 'INSTANCE_EXPRESSION', message, at: { line, column } })
      return undefined
    }
  }

  #field(field: FieldShape, param: unknown, path: FieldPath): FieldPlan | undefined {
    if (param === undefined || param === null) return undefined
    const { name, number, type } = field
    if (type.kind === 'map') {
      if (typeof param === 'string') return this.#wholeMap(field, type.value, param, path)
      return this.#map(field, type.value, param, path)
    }
    if (type.kind === 'repeated') return this.#list(field, type.item, param, path)
    if (param === '' && this.style === 'compiled' && type.kind !== 'message') return undefined
    const item = this.#item(type, param, path)
    return item === undefined ? undefined : new SingleField(name, number, item)
  }

  #map(field: FieldShape, type: FieldType, param: unknown, path: FieldPath): FieldPlan | undefined {
    if (!isMap(param)) return this.#wrongShape(path, 'a map', param)
    const { name, number } = field
    if (type.kind === 'message') {
      const items = this.#entries(param, path, (value, at) => this.#message(type.shape, value, at))
      return items.size === 0 ? undefined : new MapField(name, number, items)
    }
    return this.maps.map(field, param, [this.style, this.language, printPath(path)], () => {
      const before = this.problems.length
      const items = this.#entries(param, path, (value, at) => this.#value(type, value, at))
      // A map with problems is none: whoever has the same one has the same problems, and is told so.
      if (items.size === 0 || this.problems.length > before) return undefined
      return new ValueMapField(name, number, items)
    })
  }

  #entries<Item extends ItemPlan>(
    param: Readonly<Record<string, unknown>>,
    path: FieldPath,
    compileItem: (value: unknown, path: FieldPath) => Item | undefined,
  ): Map<string, Item> {
    const items = new Map<string, Item>()
    for (const [key, value] of Object.entries(param)) {
      if (value === undefined || value === null) continue
      const item = compileItem(value, [...path, key])
      if (item !== undefined) items.set(key, item)
    }
    return items
  }

  /** `labels: source.labels`: an addition to Istio's language, which knows no whole maps here. */
  #wholeMap(field: FieldShape, type: FieldType, text: string, path: FieldPath): FieldPlan | undefined {
    if (text === '' && this.style === 'compiled') return undefined
    const leaf = textEntryLeaf(type)
    if (leaf === undefined) return this.#wrongShape(path, 'a map', text)
    const expression = this.#nonEmpty(text, path)
    if (expression === undefined) return undefined
    if (expression.type !== 'STRING_MAP') {
      const found = `the expression is of type ${expression.type}`
      this.problem(path, 'INSTANCE_FIELD_TYPE', `takes a map, or an expression of type STRING_MAP; ${found}`)
      return undefined
    }
    return new WholeMapField(field.name, field.number, expression, leaf, printPath(path))
  }

  #list(field: FieldShape, type: FieldType, param: unknown, path: FieldPath): FieldPlan | undefined {
    if (!Array.isArray(param)) return this.#wrongShape(path, 'a list', param)
    const items: ItemPlan[] = []
    for (const [index, value] of param.entries()) {
      const item = this.#item(type, value, [...path, index])
      if (item !== undefined) items.push(item)
    }
    return items.length === 0 ? undefined : new ListField(field.name, field.number, items)
  }

  /** One value: of a field, of a map entry, of a list. */
  #item(type: FieldType, param: unknown, path: FieldPath): ItemPlan | undefined {
    return type.kind === 'message' ? this.#message(type.shape, param, path) : this.#value(type, param, path)
  }

  #message(shape: () => MessageShape, param: unknown, path: FieldPath): MessageItem | undefined {
    if (!isMap(param)) return this.#wrongShape(path, 'a map of fields', param)
    return new MessageItem(this.fields(shape(), param, path))
  }

  #value(type: FieldType, param: unknown, path: FieldPath): ValueItem | undefined {
    if (type.kind === 'scalar' && type.scalar === 'bytes') {
      this.problem(path, 'INSTANCE_FIELD_UNSUPPORTED', 'is of type bytes, which configuration cannot fill')
      return undefined
    }
    if (typeof param === 'string') return this.#text(type, param, path)
    const literal = typeof param === 'boolean' || typeof param === 'number' || typeof param === 'bigint'
    if (!literal) return this.#wrongShape(path, 'an expression', param)
    if (this.style === 'compiled') {
      const found = `found the ${typeof param === 'boolean' ? 'boolean' : 'number'} ${param}; write it in quotes, "${param}"`
      this.problem(path, 'INSTANCE_FIELD_TYPE', `takes the text of an expression, ${found}`)
      return undefined
    }
    return this.#literal(
      type,
      typeof param === 'boolean' ? booleanLiteral(type, param) : numberLiteral(type, param),
      path,
    )
  }

  #text(type: FieldType, text: string, path: FieldPath): ValueItem | undefined {
    const quoted = this.style === 'dynamic' ? wholeLiteral(text) : undefined
    if (quoted !== undefined) return this.#literal(type, textLiteral(type, quoted), path)
    const expression = this.#nonEmpty(text, path)
    if (expression === undefined) return undefined
    const leaf = leafFor(type, expression.type)
    if (leaf === undefined) {
      const message = `takes an expression of type ${takes(type)}, found one of type ${expression.type}`
      this.problem(path, 'INSTANCE_FIELD_TYPE', message)
      return undefined
    }
    return new ExpressionItem(expression, leaf, printPath(path))
  }

  #nonEmpty(text: string, path: FieldPath): CompiledExpression | undefined {
    if (text !== '') return this.expression(text, this.vocabulary, path)
    const hint = this.style === 'dynamic' ? `; an empty text is written '""'` : ''
    this.problem(path, 'INSTANCE_EMPTY_EXPRESSION', `an expression is missing${hint}`)
    return undefined
  }

  #literal(type: FieldType, literal: Literal | LiteralProblem, path: FieldPath): ValueItem | undefined {
    if (literal instanceof LiteralProblem) {
      this.problem(path, literal.code, literal.message)
      return undefined
    }
    const leaf = leafFor(type, literal.type)
    if (leaf === undefined) {
      this.problem(path, 'INSTANCE_FIELD_TYPE', `takes ${takes(type)}, found ${literal.type}`)
      return undefined
    }
    try {
      return new LiteralItem(literal.value, leaf)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.problem(path, 'INSTANCE_FIELD_VALUE', error.message)
      return undefined
    }
  }

  #wrongShape(path: FieldPath, wanted: string, found: unknown): undefined {
    this.problem(path, 'INSTANCE_FIELD_TYPE', `takes ${wanted}, found ${describe(found)}`)
  }

  #unknownField(shape: MessageShape, key: string, path: FieldPath): void {
    const names = shape.fields.map(({ name }) => name)
    const near = nearest(key, names)
    const hint = near === undefined ? `; it has ${names.join(', ') || 'none'}` : `; did you mean "${near}"?`
    const message =
      key === 'name' && shape.fullName.endsWith('InstanceMsg')
        ? 'cannot be configured: the host writes the name of the instance there'
        : `${shape.fullName} has no field ${JSON.stringify(key)}${hint}`
    this.problem(path, 'INSTANCE_UNKNOWN_FIELD', message)
  }
}

/** Whether a param is a map, as documents hold them. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A param in the words of a message. */
export function describe(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object') return 'a map'
  if (typeof value === 'string')
    return `the text ${JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}…` : value)}`
  return typeof value === 'boolean' ? `${value}` : `the number ${String(value)}`
}

/** The types of expression that a field takes. */
function takes(type: FieldType): string {
  switch (type.kind) {
    case 'scalar':
      if (type.scalar === 'string') return 'STRING'
      if (type.scalar === 'bool') return 'BOOL'
      return type.scalar === 'double' || type.scalar === 'float' ? 'DOUBLE' : 'INT64'
    case 'enum':
      return 'INT64 or STRING'
    case 'value':
      return 'any'
    case 'wrapped':
    case 'wellknown':
      return type.valueType
    case 'map':
      return 'STRING_MAP'
    case 'message':
    case 'repeated':
      return 'none'
  }
}
