import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { globalWords } from '@outboard/adapters-sdk/client'
import t from 'tap'
import { globalWords as wordsOfDoor } from '../../src/mixer/doors/index.js'

t.test('the client and the door know the same words by the same numbers', async t => {
  const file = readFileSync(fileURLToPath(import.meta.resolve('#proto/mixer/global-dictionary.txt')), 'utf8')
  t.equal(globalWords.length, 222)
  t.equal(`${globalWords.join('\n')}\n`, file)
  t.same(globalWords, wordsOfDoor)
})
