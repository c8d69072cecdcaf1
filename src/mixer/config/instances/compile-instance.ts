import {
  AdapterError,
  type Instance,
  instanceNameField,
  type TemplateDefinition,
  WireWriter,
} from '@outboard/adapters-sdk'
import type { AttributeBag, Slot, Vocabulary } from '../../attributes/index.js'
import { EvalFailure, type Language } from '../../expr/index.js'
import type { AttributeBinding, CompiledInstance } from '../snapshot.js'
import { type Bindings, compileBindings } from './bindings.js'
import { type InstanceStyle, isMap, ParamsCompiler } from './params.js'
import { buildFields, type FieldPlan, keyOf, writeFields } from './plan.js'
import type { Compiled, FieldPath } from './problem.js'
import { SharedMaps } from './shared-maps.js'

export interface InstanceSource {
  /** Fully qualified: `name.instance.namespace`, or `name.<template>.namespace` for the older kinds. */
  readonly name: string
  readonly template: TemplateDefinition
  readonly style: InstanceStyle
  /** JSON-like; undefined or null: no fields. In the older kinds the bindings may stand inside (`attribute_bindings`). */
  readonly params: unknown
  /** `attributeBindings`: attribute name to expression; undefined or null: none. */
  readonly bindings: unknown
  readonly vocabulary: Vocabulary
  readonly language: Language
  /** Where `params` stand below `spec`. Default: `['params']`; the older kinds give `[]`. */
  readonly paramsPath?: FieldPath
  /** Those of the other instances for the same vocabulary. Default: none. */
  readonly maps?: SharedMaps
}

/** Compiles an instance for the vocabulary of one snapshot. Collects every problem; never throws on bad input. */
export function compileInstance(source: InstanceSource): Compiled<CompiledInstance> {
  const {
    name,
    template,
    style,
    vocabulary,
    language,
    paramsPath = ['params'],
    maps = new SharedMaps(),
  } = source
  const compiler = new ParamsCompiler(style, vocabulary, language, maps)
  const { params, inner } = splitBindings(source, paramsPath)
  const fields = compiler.fields(template.instance, params, paramsPath)
  const outer = { bindings: source.bindings, path: ['attributeBindings'] }
  const bindings = compileBindings(template, [outer, ...inner], compiler)
  if (compiler.problems.length > 0) return { ok: false, problems: compiler.problems }
  return { ok: true, value: new FilledInstance(name, template, fields, bindings) }
}

/** Takes the bindings out of the params of a compiled template's instance, where Istio's own message has them. */
function splitBindings(
  { params, style, template }: InstanceSource,
  path: FieldPath,
): { params: unknown; inner: { bindings: unknown; path: FieldPath }[] } {
  if (style !== 'compiled' || template.variety !== 'ATTRIBUTE_GENERATOR' || !isMap(params)) {
    return { params, inner: [] }
  }
  const keys = ['attribute_bindings', 'attributeBindings']
  return {
    params: Object.fromEntries(Object.entries(params).filter(([key]) => !keys.includes(key))),
    inner: keys
      .filter(key => Object.hasOwn(params, key))
      .map(key => ({ bindings: params[key], path: [...path, key] })),
  }
}

/** One writer for all instances: `encode` runs to its end before another begins. */
const writer = new WireWriter()

class FilledInstance implements CompiledInstance {
  readonly shortName: string
  readonly bindings: readonly AttributeBinding[]
  readonly bindingVocabulary: Vocabulary
  readonly outputSlots: ReadonlyMap<string, Slot>
  /** The field `name` with its key: the same for every request. */
  readonly #nameBytes: Uint8Array
  readonly #fields: readonly FieldPlan[]

  constructor(
    readonly name: string,
    readonly template: TemplateDefinition,
    fields: readonly FieldPlan[],
    bindings: Bindings,
  ) {
    const [shortName = name] = name.split('.', 1)
    this.shortName = shortName
    this.bindings = bindings.bindings
    this.bindingVocabulary = bindings.vocabulary
    this.outputSlots = bindings.outputSlots
    this.#fields = fields
    const nameWriter = new WireWriter()
    nameWriter.uint32(keyOf(instanceNameField, 2))
    nameWriter.string(name)
    this.#nameBytes = nameWriter.finish()
  }

  build(bag: AttributeBag): Instance | EvalFailure {
    const fields = buildFields(this.#fields, bag)
    return fields instanceof EvalFailure ? fields : { name: this.name, template: this.template.name, fields }
  }

  encode(bag: AttributeBag): Uint8Array | EvalFailure {
    writer.restart()
    try {
      const failure = writeFields(this.#fields, writer, bag)
      if (failure !== undefined) return failure
      writer.raw(this.#nameBytes)
      return writer.take()
    } catch (error) {
      if (error instanceof AdapterError) return new EvalFailure('invalid', `${this.name}: ${error.message}`)
      throw error
    }
  }
}
