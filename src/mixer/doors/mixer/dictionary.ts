import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * The global dictionary of Mixer 1.5: words that both sides know by number. Source: reference wire-mixer-v1, section 12.
 * Four words contain quote characters; they are right (a line-based generator made the list).
 */
export const globalWords: readonly string[] = readFileSync(
  fileURLToPath(import.meta.resolve('#proto/mixer/global-dictionary.txt')),
  'utf8',
)
  .split('\n')
  .slice(0, -1)

const indices = new Map(globalWords.map((word, index) => [word, index]))

/** The number of a word in the global dictionary, or undefined. */
export function globalIndex(word: string): number | undefined {
  return indices.get(word)
}
