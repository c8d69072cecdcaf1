import type { References } from '../../attributes/index.js'
import type { WireWriter } from '../wire/writer.js'
import { globalIndex } from './dictionary.js'
import type { SlotTable } from './slots.js'
import { ranks } from './slots.js'

const absence = 1
const exact = 2

/** Whether every reference can be said in `ReferencedAttributes`: a string map that was read as a whole cannot. */
export interface Encoded {
  readonly complete: boolean
}

/** The words of one answer that are not sent as numbers, in order of first use. */
class AnswerWords {
  readonly list: string[] = []
  readonly #indices = new Map<string, number>()

  indexOf(word: string): number {
    const known = this.#indices.get(word)
    if (known !== undefined) return known
    this.list.push(word)
    const index = -this.list.length
    this.#indices.set(word, index)
    return index
  }
}

/**
 * Writes the fields of `ReferencedAttributes`. Source: reference wire-mixer-v1, sections 2.2, 4 and 8, and
 * proxy-client, section 4.
 *
 * - a word goes as its global number only when the caller knows that number (below `globalWordCount`)
 * - `map_key` 0 means "no key", so the global word 0 as a key goes as a message word
 * - a present string map is named with its keys only; never EXACT without a key
 * - a string map that was read as a whole has no expression here: nothing is written, and `complete` is false; then
 *   the caller must not keep the answer
 */
export function writeReferences(
  writer: WireWriter,
  references: References,
  table: SlotTable,
  globalWordCount: number,
): Encoded {
  const words = new AnswerWords()
  let complete = true
  for (const { slot, mapKey, present, wholeMap } of references.list()) {
    const isMap = table.rankOfSlot[slot] === ranks.stringMaps
    if (wholeMap || (isMap && present && mapKey === undefined)) {
      complete = false
      continue
    }
    const global = table.globalOfSlot[slot]!
    const name = global >= 0 && global < globalWordCount ? global : words.indexOf(table.nameOfSlot[slot]!)
    const mark = writer.mark()
    if (mapKey !== undefined) {
      const known = globalIndex(mapKey)
      const usable = known !== undefined && known > 0 && known < globalWordCount
      writer.sint32(4, usable ? known : words.indexOf(mapKey))
    }
    writer.uint32(2, present ? exact : absence)
    if (name !== 0) writer.sint32(1, name)
    writer.nested(2, mark)
  }
  for (let i = words.list.length - 1; i >= 0; i--) writer.string(1, words.list[i]!)
  return { complete }
}
