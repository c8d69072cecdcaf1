import { AttributeBag, type Vocabulary } from '../../attributes/index.js'
import type { QuotaAsked } from '../../engine/api.js'
import { bytesType, varintType, WireReader } from '../wire/reader.js'
import { fillBag, type OnDropped } from './attributes.js'
import type { MessageLimits } from './limits.js'
import { AttributeScan } from './scan.js'
import type { SlotTable } from './slots.js'
import { Words } from './words.js'

/** `istio.mixer.v1.CheckRequest`, its attributes already in slots. */
export interface DecodedCheck {
  readonly bag: AttributeBag
  readonly globalWordCount: number
  readonly deduplicationId: string
  readonly quotas: readonly QuotaAsked[]
}

/** Bytes that are no message of the expected type, or beyond a limit. */
export interface Malformed {
  readonly malformed: string
}

const attributesTag = (1 << 3) | bytesType
const wordCountTag = (2 << 3) | varintType
const deduplicationTag = (3 << 3) | bytesType
const quotasTag = (4 << 3) | bytesType
const keyTag = (1 << 3) | bytesType
const valueTag = (2 << 3) | bytesType
const amountTag = (1 << 3) | varintType
const bestEffortTag = (2 << 3) | varintType

const noQuotas: readonly QuotaAsked[] = []
const scan = new AttributeScan()

/** Decodes a CheckRequest for one vocabulary. Never throws. Source: reference wire-mixer-v1, 2.1 and 2.5. */
export function decodeCheckRequest(
  message: Buffer,
  vocabulary: Vocabulary,
  table: SlotTable,
  limits: MessageLimits,
  onDropped: OnDropped,
): DecodedCheck | Malformed {
  const reader = new WireReader(message)
  const words = new Words(message)
  const bag = new AttributeBag(vocabulary)
  let globalWordCount = 0
  let deduplicationId = ''
  let quotas: Map<string, QuotaAsked> | undefined
  scan.clear()
  while (reader.more()) {
    const tag = reader.tag()
    switch (tag) {
      case attributesTag: {
        const outer = reader.enter()
        scan.read(reader, words, limits)
        reader.leave(outer)
        break
      }
      case wordCountTag:
        globalWordCount = reader.varint32()
        break
      case deduplicationTag:
        deduplicationId = reader.string()
        break
      case quotasTag: {
        const outer = reader.enter()
        const quota = readQuota(reader)
        reader.leave(outer)
        quotas ??= new Map()
        quotas.set(quota.name, quota)
        if (quotas.size > limits.maxQuotas) reader.fail(`more than ${limits.maxQuotas} quotas`)
        break
      }
      default:
        reader.skip(tag)
    }
  }
  if (reader.problem === undefined) fillBag(bag, scan, reader, words, table, limits, onDropped)
  if (reader.problem !== undefined) return { malformed: reader.problem }
  return { bag, globalWordCount, deduplicationId, quotas: quotas ? [...quotas.values()] : noQuotas }
}

function readQuota(reader: WireReader): QuotaAsked {
  let name = ''
  let amount = 0n
  let bestEffort = false
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === keyTag) name = reader.string()
    else if (tag === valueTag) {
      const outer = reader.enter()
      while (reader.more()) {
        const inner = reader.tag()
        if (inner === amountTag) amount = BigInt(reader.int64())
        else if (inner === bestEffortTag) bestEffort = reader.bool()
        else reader.skip(inner)
      }
      reader.leave(outer)
    } else reader.skip(tag)
  }
  return { name, amount, bestEffort }
}
