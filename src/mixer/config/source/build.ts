import { type Alias, isAlias, isMap, isScalar, isSeq, type Scalar, type Node as YamlNode } from 'yaml'
import { type ReadFault, tooDeep } from './fault.js'
import type { SourceLimits } from './limits.js'
import type { MapEntry, Node, ScalarNode } from './node.js'
import { Place, type SourceText } from './place.js'

/** Faults kept of one document. */
const maxFaults = 100
const maxSafe = BigInt(Number.MAX_SAFE_INTEGER)

/** Turns the tree of the YAML library into ours. Aliases are copied in, within a budget; merge keys are applied. */
export class NodeBuilder {
  readonly faults: ReadFault[] = []
  readonly #anchors = new Map<string, YamlNode>()
  #aliasNodes = 0
  /** How many aliases we are inside of. */
  #inAlias = 0

  constructor(
    private readonly source: SourceText,
    private readonly limits: SourceLimits,
  ) {}

  build(root: unknown): Node | undefined {
    return this.#node(root, undefined, undefined, 0)
  }

  #node(from: unknown, parent: Place | undefined, step: string | number | undefined, depth: number): Node {
    const place = new Place(this.source, offsetOf(from) ?? parent?.offset ?? 0, parent, step)
    if (depth > this.limits.maxDepth) return this.#refuse(tooDeep(place, this.limits))
    if (this.#inAlias > 0 && ++this.#aliasNodes > this.limits.maxAliasNodes)
      return this.#refuse({
        code: 'CONFIG_YAML_LIMIT',
        place,
        message: `Cannot read the document: its aliases stand for more than ${this.limits.maxAliasNodes} values`,
        mend: 'write the values out, or use fewer aliases',
      })
    if (isAlias(from)) return this.#alias(from, place, depth)
    if (this.#inAlias === 0) this.#remember(from)
    if (isMap(from)) {
      const entries = new Map<string, MapEntry>()
      const merged: YamlNode[] = []
      for (const { key, value } of from.items) {
        const name = this.#key(key, place)
        if (name === undefined) continue
        if (name === '<<' && isPlain(key)) {
          merged.push(...this.#mergeSources(value, place))
          continue
        }
        this.#entry(entries, name, key, value, place, depth)
      }
      for (const source of merged) this.#merge(entries, source, place, depth)
      return { kind: 'map', place, entries }
    }
    if (isSeq(from))
      return {
        kind: 'list',
        place,
        items: from.items.map((item, i) => this.#node(item, place, i, depth + 1)),
      }
    return { kind: 'scalar', place, value: isScalar(from) ? this.#scalar(from, place) : null }
  }

  #entry(
    entries: Map<string, MapEntry>,
    name: string,
    key: unknown,
    value: unknown,
    place: Place,
    depth: number,
  ): void {
    const keyPlace = new Place(this.source, offsetOf(key) ?? place.offset, place, name)
    if (entries.has(name)) {
      this.#refuse({
        code: 'CONFIG_DUPLICATE_KEY',
        place: keyPlace,
        message: `Cannot read the document: the key "${name}" stands twice in one map`,
        mend: 'keep one of the two',
      })
      return
    }
    entries.set(name, { keyPlace, value: this.#node(value, place, name, depth + 1) })
  }

  #key(key: unknown, place: Place): string | undefined {
    if (isScalar(key)) {
      if (isPlain(key) && key.source !== undefined) return key.source
      return key.value === null ? '' : String(key.value)
    }
    this.#refuse({
      code: 'CONFIG_YAML_SYNTAX',
      place: new Place(this.source, offsetOf(key) ?? place.offset, place, undefined),
      message: 'Cannot read the document: found a key that is a list, a map or an alias; wanted text',
      mend: 'write the key out as text',
    })
    return undefined
  }

  /** `<<: *a` or `<<: [*a, *b]`: the maps whose entries fill in what this map does not say. */
  #mergeSources(value: unknown, place: Place): YamlNode[] {
    const sources = isSeq(value) ? value.items : [value]
    return sources.flatMap(source => {
      const target = isAlias(source) ? this.#anchors.get(source.source) : source
      if (isMap(target)) return [target]
      this.#refuse({
        code: 'CONFIG_YAML_SYNTAX',
        place: new Place(this.source, offsetOf(source) ?? place.offset, place, undefined),
        message: 'Cannot read the document: found a merge key `<<` that names no map',
        mend: 'merge a map that carries an anchor earlier in the document',
      })
      return []
    })
  }

  #merge(entries: Map<string, MapEntry>, from: YamlNode, place: Place, depth: number): void {
    this.#inAlias++
    const source = this.#node(from, place, undefined, depth + 1)
    this.#inAlias--
    if (source.kind !== 'map') return
    for (const [name, entry] of source.entries) if (!entries.has(name)) entries.set(name, entry)
  }

  #alias(alias: Alias, place: Place, depth: number): Node {
    const target = this.#anchors.get(alias.source)
    if (target === undefined)
      return this.#refuse({
        code: 'CONFIG_YAML_SYNTAX',
        place,
        message: `Cannot read the document: the alias "*${alias.source}" has no anchor before it`,
        mend: `mark the value with "&${alias.source}" earlier in the document`,
      })
    this.#inAlias++
    const node = this.#node(target, place.parent, place.step, depth + 1)
    this.#inAlias--
    return node
  }

  #remember(node: unknown): void {
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined)
      this.#anchors.set(node.anchor, node)
  }

  #scalar(from: Scalar, place: Place): ScalarNode['value'] {
    const { value } = from
    switch (typeof value) {
      case 'bigint':
        return value <= maxSafe && value >= -maxSafe ? Number(value) : value
      case 'string':
        return inOnePiece(value)
      case 'number':
      case 'boolean':
        return value
      default:
        if (value === null || value === undefined) return null
        this.#refuse({
          code: 'CONFIG_YAML_SYNTAX',
          place,
          message: `Cannot read the document: found a value of the YAML type ${from.tag ?? 'unknown'}`,
          mend: 'write it as text, in quotes',
        })
        return null
    }
  }

  #refuse(fault: ReadFault): Node {
    // A limit is named once: an alias bomb would otherwise name itself ten thousand times.
    const isRepeated =
      fault.code === 'CONFIG_YAML_LIMIT' && this.faults.some(({ code }) => code === fault.code)
    if (!isRepeated && this.faults.length < maxFaults) this.faults.push(fault)
    return { kind: 'scalar', place: fault.place, value: null }
  }
}

/**
 * The same text in one piece. The library puts quoted texts together letter by letter, and V8 keeps each step of that: a
 * name of ten letters weighed 400 bytes. Reading a letter makes V8 join them.
 */
function inOnePiece(text: string): string {
  return text.charCodeAt(0) >= 0 ? text : ''
}

function offsetOf(node: unknown): number | undefined {
  if (isMap(node) || isSeq(node) || isScalar(node) || isAlias(node)) return node.range?.[0]
  return undefined
}

function isPlain(key: unknown): boolean {
  return isScalar(key) && (key.type === 'PLAIN' || key.type === undefined)
}
