import { AttributeBag, type Vocabulary } from '../../attributes/index.js'
import { bytesType, varintType, WireReader } from '../wire/reader.js'
import { fillBag, type OnDropped } from './attributes.js'
import type { Malformed } from './check-request.js'
import { invalidDelta } from './delta.js'
import type { MessageLimits } from './limits.js'
import { AttributeScan } from './scan.js'
import type { SlotTable } from './slots.js'
import { readUsualSet } from './usual-set.js'
import { Words } from './words.js'

/** `istio.mixer.v1.ReportRequest`: one bag for each valid attribute set. */
export interface DecodedReport {
  readonly bags: readonly AttributeBag[]
  readonly globalWordCount: number
  /** Sets of a delta report that could not be applied. */
  readonly problems: readonly string[]
}

const attributesTag = (1 << 3) | bytesType
const defaultWordsTag = (2 << 3) | bytesType
const wordCountTag = (3 << 3) | varintType
const semanticsTag = (4 << 3) | varintType

const deltaEncoding = 0
const independentEncoding = 1
const scan = new AttributeScan()

/** Words that room is made for before they are seen; more are taken as they come. */
const mostExpectedWords = 4_096
/** As many as the last report had: those of one service are alike. */
let expectedWords = 0

/**
 * Decodes a ReportRequest for one vocabulary. Never throws. Source: reference wire-mixer-v1, 2.4 and 6.
 *
 * In a delta report each set patches the state that the sets before it have built. A set that is not valid is left
 * out as a whole, and the next one patches the state before it. A report whose encoding has an unknown number yields
 * no sets at all, as upstream does.
 */
export function decodeReportRequest(
  message: Buffer,
  vocabulary: Vocabulary,
  table: SlotTable,
  limits: MessageLimits,
  onDropped: OnDropped,
): DecodedReport | Malformed {
  const reader = new WireReader(message)
  const defaultWords = new Words(message, expectedWords)
  /** Start and end of each set: the words that a set may need come behind it on the wire. */
  const spans: number[] = []
  let globalWordCount = 0
  let semantics = deltaEncoding
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === attributesTag || tag === defaultWordsTag) {
      const length = reader.length()
      if (tag === attributesTag) spans.push(reader.pos, reader.pos + length)
      else defaultWords.add(reader.pos, reader.pos + length)
      if (defaultWords.count > limits.maxWords) reader.fail(`more than ${limits.maxWords} words`)
      if (spans.length > 2 * limits.maxSets) reader.fail(`more than ${limits.maxSets} attribute sets`)
      reader.pos += length
    } else if (tag === wordCountTag) globalWordCount = reader.varint32()
    else if (tag === semanticsTag) semantics = Number(reader.int64())
    else reader.skip(tag)
  }
  expectedWords = Math.min(defaultWords.count, mostExpectedWords)
  const bags: AttributeBag[] = []
  const problems: string[] = []
  if (semantics !== deltaEncoding && semantics !== independentEncoding) spans.length = 0
  let state: AttributeBag | undefined
  /** Until a set is met that is not: those of one proxy are alike. */
  let usual = true
  for (let i = 0; i < spans.length && reader.problem === undefined; i += 2) {
    reader.pos = spans[i]!
    reader.end = spans[i + 1]!
    let bag = new AttributeBag(vocabulary, state)
    usual &&= readUsualSet(bag, state !== undefined, reader, defaultWords, table, limits)
    if (!usual) {
      reader.pos = spans[i]!
      reader.problem = undefined
      bag = new AttributeBag(vocabulary, state)
      const invalid = readSet(bag, state !== undefined, reader, defaultWords, table, limits, onDropped)
      if (invalid !== undefined) {
        problems.push(invalid)
        continue
      }
    }
    bags.push(bag)
    // Nobody else has the bag before the whole report is decoded, so that it can be the state itself.
    if (semantics === deltaEncoding) state = bag
  }
  return reader.problem === undefined ? { bags, globalWordCount, problems } : { malformed: reader.problem }
}

/** Puts any set into a bag. Answers why it is not valid as a later set of a delta report, if it is one and is not. */
function readSet(
  bag: AttributeBag,
  isPatch: boolean,
  reader: WireReader,
  defaultWords: Words,
  table: SlotTable,
  limits: MessageLimits,
  onDropped: OnDropped,
): string | undefined {
  const own = new Words(reader.bytes)
  scan.clear()
  scan.read(reader, own, limits)
  if (reader.problem !== undefined) return undefined
  const words = own.count > 0 ? own : defaultWords
  if (isPatch) {
    const invalid = invalidDelta(scan, reader, words)
    if (invalid !== undefined) return invalid
  }
  fillBag(bag, scan, reader, words, table, limits, onDropped)
  return undefined
}
