import {
  type AttributeValue,
  hasForm,
  Instant,
  int64,
  type Slot,
  type Vocabulary,
} from '../../attributes/index.js'
import type { GivenAttribute } from '../decode/api-spec.js'
import { protoDurationMs } from '../decode/duration.js'
import { didYouMean } from '../nearest.js'
import type { Reporter } from '../report.js'
import { describe, type Node, toPlain } from '../source/node.js'

export interface FixedAttribute {
  readonly slot: Slot
  readonly value: AttributeValue
}

/** The attributes that a document gives as they are; what does not fit their declared types is reported. */
export function fixedAttributes(
  given: readonly GivenAttribute[],
  vocabulary: Vocabulary,
  report: Reporter,
): FixedAttribute[] {
  return given.flatMap(attribute => {
    const { name, place, member, value: node } = attribute
    const slot = vocabulary.slot(name)
    if (slot === undefined) {
      report.problem(
        'CONFIG_UNKNOWN_ATTRIBUTE',
        place,
        `Cannot set the attribute "${name}": it is not declared${didYouMean(name, vocabulary.names())}`,
        'correct the name, or declare it in an attributemanifest',
      )
      return []
    }
    const type = vocabulary.type(slot)
    const value = parseMember(member, node)
    if (value !== undefined && hasForm(type, value)) return [{ slot, value }]
    report.problem(
      'CONFIG_WRONG_TYPE',
      node.place,
      `Cannot set the attribute "${name}": found ${describe(node)} as ${member}, wanted a value for ${type}`,
      `write a value of type ${type}`,
    )
    return []
  })
}

function parseMember(member: string, node: Node): AttributeValue | undefined {
  const raw = toPlain(node)
  switch (member) {
    case 'string_value':
      return typeof raw === 'string' ? raw : undefined
    case 'int64_value':
      if (typeof raw === 'number') return Number.isSafeInteger(raw) ? raw : undefined
      return typeof raw === 'string' && /^-?\d{1,19}$/.test(raw) ? int64(BigInt(raw)) : undefined
    case 'double_value':
      return typeof raw === 'number' ? raw : undefined
    case 'bool_value':
      return typeof raw === 'boolean' ? raw : undefined
    case 'bytes_value':
      return typeof raw === 'string' ? new Uint8Array(Buffer.from(raw, 'base64')) : undefined
    case 'timestamp_value':
      return typeof raw === 'string' ? instantOf(raw) : undefined
    case 'duration_value':
      return typeof raw === 'string' ? durationOf(raw) : undefined
    case 'string_map_value':
      return mapOf(node)
    default:
      return undefined
  }
}

/** RFC 3339, as protobuf's JSON form writes timestamps. */
function instantOf(text: string): Instant | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text)
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`)
  return Number.isNaN(ms) ? undefined : new Instant(ms / 1_000, Number((match?.[2] ?? '').padEnd(9, '0')))
}

/** Nanoseconds. */
function durationOf(text: string): AttributeValue | undefined {
  const ms = protoDurationMs(text)
  return ms === undefined ? undefined : int64(BigInt(Math.round(ms * 1_000)) * 1_000n)
}

/** `{entries: {key: text}}`, the form of `istio.mixer.v1.Attributes.StringMap`. */
function mapOf(node: Node): AttributeValue | undefined {
  const entries = node.kind === 'map' ? node.entries.get('entries')?.value : undefined
  if (entries?.kind !== 'map') return undefined
  const map = new Map<string, string>()
  for (const [key, { value }] of entries.entries) {
    if (value.kind !== 'scalar' || typeof value.value !== 'string') return undefined
    map.set(key, value.value)
  }
  return map
}
