import { type AnswerFields, readAnswerFields } from './hpack.js'
import { isSame } from './same-bytes.js'

/** Blocks that are remembered. Most answers have the same two; a date makes a new one each second. */
const maxBlocks = 16

interface KnownBlock {
  readonly bytes: Buffer
  readonly fields: AnswerFields
}

/** Blocks of header fields, recognised by their bytes where they lie: to read the same ones again costs more than the call. */
export class KnownBlocks {
  /** Those met last come first. */
  readonly #blocks: KnownBlock[] = []

  /** @throws {TypeError} when the block is one that we cannot read */
  read(bytes: Buffer, start: number, end: number): AnswerFields {
    const blocks = this.#blocks
    for (let i = 0; i < blocks.length; i++) {
      const block = blocks[i]
      if (block === undefined || !isSame(block.bytes, bytes, start, end)) continue
      // The two of an answer take turns, so they stay where they are.
      if (i > 1) {
        blocks.splice(i, 1)
        blocks.unshift(block)
      }
      return block.fields
    }
    const own = Buffer.from(bytes.subarray(start, end))
    const fields = readAnswerFields(own)
    blocks.unshift({ bytes: own, fields })
    if (blocks.length > maxBlocks) blocks.pop()
    return fields
  }
}
