import type { Slot, ValueType, Vocabulary } from '../../attributes/index.js'
import { globalIndex, globalWords } from './dictionary.js'

/**
 * The typed maps of `CompressedAttributes`, in the order in which a name is looked for (reference wire-mixer-v1,
 * section 4): when a name occurs in several, the first counts.
 */
export const ranks = {
  strings: 0,
  stringMaps: 1,
  int64s: 2,
  doubles: 3,
  bools: 4,
  timestamps: 5,
  durations: 6,
  bytes: 7,
} as const
export type Rank = (typeof ranks)[keyof typeof ranks]
export const rankCount = 8

function rankOf(type: ValueType): Rank {
  switch (type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      return ranks.strings
    case 'STRING_MAP':
      return ranks.stringMaps
    case 'INT64':
      return ranks.int64s
    case 'DOUBLE':
      return ranks.doubles
    case 'BOOL':
      return ranks.bools
    case 'TIMESTAMP':
      return ranks.timestamps
    case 'DURATION':
      return ranks.durations
    case 'IP_ADDRESS':
      return ranks.bytes
  }
}

/** What decoding and encoding need to know of a vocabulary, settled once for each. */
export interface SlotTable {
  /** A vocabulary with these slots: for the names that are no global words. */
  readonly vocabulary: Vocabulary
  /** For each global word its slot, or -1. */
  readonly slotOfGlobal: Int32Array
  /** For each slot its global word, or -1. */
  readonly globalOfSlot: Int32Array
  /** For each slot the typed map that its values come in. */
  readonly rankOfSlot: Uint8Array
  readonly nameOfSlot: readonly string[]
}

export function slotTable(vocabulary: Vocabulary): SlotTable {
  const slotOfGlobal = new Int32Array(globalWords.length).fill(-1)
  const globalOfSlot = new Int32Array(vocabulary.size).fill(-1)
  const rankOfSlot = new Uint8Array(vocabulary.size)
  for (let slot: Slot = 0; slot < vocabulary.size; slot++) {
    rankOfSlot[slot] = rankOf(vocabulary.type(slot))
    const global = globalIndex(vocabulary.name(slot))
    if (global === undefined) continue
    slotOfGlobal[global] = slot
    globalOfSlot[slot] = global
  }
  return { vocabulary, slotOfGlobal, globalOfSlot, rankOfSlot, nameOfSlot: vocabulary.names() }
}
