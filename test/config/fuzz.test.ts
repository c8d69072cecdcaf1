import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { type Loaded, loadSnapshot, readFolder } from '../../src/mixer/config/index.js'
import { adapters, fixtures, loadText } from './load.js'

// Any bytes are a configuration or a clear refusal. OUTBOARD_FUZZ sets how many inputs each test tries.
const rounds = Number(process.env.OUTBOARD_FUZZ ?? 150)

// A long run takes its time: about 2 ms an input on a busy machine.
t.setTimeout(60_000 + rounds * 25)

/** Throws unless the load ended as every load must. */
function checkClear(loaded: Loaded): void {
  if (loaded.kind === 'loaded') return
  for (const { code, message, mend, at } of loaded.problems) {
    if (!/^CONFIG_[A-Z0-9_]+$/.test(code) || message === '' || mend === '' || at.line < 1 || at.column < 1)
      throw new Error(`an unclear problem: ${JSON.stringify({ code, message, mend, at })}`)
  }
}

const files = ['built-in.yml', 'callers.yaml', 'older-handlers.yaml', 'older-instances.yaml', 'outside.yaml']
const seeds = files
  .flatMap(file => readFileSync(join(fixtures, 'all-kinds', file), 'utf8').split('\n---\n'))
  .filter(text => text.length < 2_000)

const pieces = fc.constantFrom(
  ...'-:[]{}&*!|>%@`"\'#,? \n\t~<=.0aé🙂\u0000\ufeff'.split(''),
  '\n  ',
  '---\n',
  '<<: ',
  '&a ',
  '*a',
  '!!binary ',
  'spec:',
  'kind: rule\n',
  'null',
  '9'.repeat(40),
)

t.test('any sequence of pieces of YAML loads or is refused clearly', async t => {
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { maxLength: 60 }), async parts => {
      checkClear(await loadText(parts.join('')))
    }),
    { numRuns: rounds },
  )
  t.pass('no input did otherwise')
})

t.test('any damage to good documents loads or is refused clearly', async t => {
  const damage = fc.record({
    seed: fc.constantFrom(...seeds),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 0, max: 20 }),
    by: fc.array(pieces, { maxLength: 4 }),
  })
  await fc.assert(
    fc.asyncProperty(damage, async ({ seed, at, length, by }) => {
      const start = Math.floor(at * seed.length)
      checkClear(await loadText(seed.slice(0, start) + by.join('') + seed.slice(start + length)))
    }),
    { numRuns: rounds },
  )
  t.pass('no input did otherwise')
})

t.test('any value in any place loads or is refused clearly', async t => {
  const word = fc.constantFrom(
    'match',
    'actions',
    'handler',
    'params',
    'connection',
    'template',
    'compiledTemplate',
  )
  const value = fc.letrec(tie => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), word),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(word, fc.string()), tie('node'), { maxKeys: 4 }),
    ),
  })).node
  const kind = fc.constantFrom('rule', 'handler', 'instance', 'adapter', 'template', 'attributemanifest')
  const more = fc.constantFrom(
    'QuotaSpec',
    'QuotaSpecBinding',
    'HTTPAPISpec',
    'HTTPAPISpecBinding',
    'metric',
    'denier',
  )
  await fc.assert(
    fc.asyncProperty(fc.oneof(kind, more), value, async (kind, spec) => {
      checkClear(await loadText(JSON.stringify({ kind, metadata: { name: 'n', namespace: 's' }, spec })))
    }),
    { numRuns: rounds },
  )
  t.pass('no input did otherwise')
})

t.test('any bytes in a file load or are refused clearly', async t => {
  const root = t.testdir({})
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async bytes => {
      writeFileSync(join(root, 'bytes.yaml'), bytes)
      checkClear(await loadSnapshot(await readFolder(root), { adapters }))
    }),
    { numRuns: Math.min(rounds, 500) },
  )
  t.pass('no input did otherwise')
})
