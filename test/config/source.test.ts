import t from 'tap'
import { defaultLimits } from '../../src/mixer/config/index.js'
import { type Node, toPlain } from '../../src/mixer/config/source/node.js'
import { parseText } from '../../src/mixer/config/source/parse.js'
import { SourceText } from '../../src/mixer/config/source/place.js'

function parse(text: string) {
  const parsed = [...parseText(new SourceText('f.yaml', text), defaultLimits)]
  return {
    documents: parsed.flatMap(({ node }) => node ?? []),
    faults: parsed.flatMap(each => each.faults),
  }
}
const plain = (text: string) => parse(text).documents.map(toPlain)
const faults = (text: string) =>
  parse(text).faults.map(({ code, place }) => `${code} ${place.location().line}:${place.location().column}`)

/** The node at a path of steps. */
function at(node: Node | undefined, ...steps: (string | number)[]): Node | undefined {
  return steps.reduce<Node | undefined>(
    (here, step) =>
      here?.kind === 'map'
        ? here.entries.get(String(step))?.value
        : here?.kind === 'list'
          ? here.items[Number(step)]
          : undefined,
    node,
  )
}

t.test('a text holds several documents; empty ones are left out', async t => {
  t.same(plain('a: 1\n---\n# nothing\n---\n\n---\nb: 2\n...\n'), [{ a: 1 }, { b: 2 }])
  t.same(plain('a: 1\r\n---\r\nb: two\r\n'), [{ a: 1 }, { b: 'two' }], 'lines may end as on Windows')
  t.same(plain('{"a": [1, true, null]}'), [{ a: [1, true, null] }], 'JSON is YAML')
  t.same(plain(''), [])
})

t.test('every value knows its line, column and path', async t => {
  const [document] = parse('a:\n  b.c:\n  - x\n  - "y z": 1\n---\nsecond: 1\n').documents
  t.match(at(document, 'a', 'b.c', 0)?.place.location(), { line: 3, column: 5, path: 'a["b.c"][0]' })
  t.match(at(document, 'a', 'b.c', 1, 'y z')?.place.location(), {
    file: 'f.yaml',
    line: 4,
    column: 12,
    path: 'a["b.c"][1]["y z"]',
  })
  t.match(parse('a: 1\n---\nsecond: 1\n').documents[1]?.place.location(), { line: 3, column: 1, path: '' })
})

t.test('words and numbers are what Go reads in them', async t => {
  t.same(plain('[yes, No, on, OFF, true, y, n, "yes"]'), [[true, false, true, false, true, 'y', 'n', 'yes']])
  t.same(plain('yes: on'), [{ yes: true }], 'keys stay text')
  t.same(plain('[9007199254740993, 1.5, 010]'), [['9007199254740993', 1.5, 10]], 'no digit is lost')
})

t.test('aliases are copied in and merge keys applied', async t => {
  t.same(plain('a: &x {k: 1, l: 2}\nb: *x\nc: {<<: *x, l: 3}\n'), [
    { a: { k: 1, l: 2 }, b: { k: 1, l: 2 }, c: { k: 1, l: 3 } },
  ])
  t.same(plain('a: &x 1\n---\nb: *x\n'), [{ a: 1 }], 'anchors end with their document')
  t.same(faults('a: &x [*x]\n'), ['CONFIG_YAML_LIMIT 1:7'], 'a value inside itself is refused')
})

t.test('one bad document hides no other', async t => {
  const { documents, faults } = parse('a: 1\n---\nb: [1\n---\nc: 3\n---\nd: {\n')
  t.same(documents.map(toPlain), [{ a: 1 }, { c: 3 }])
  t.same(
    faults.map(({ code, place }) => [code, place.location().line]),
    [
      ['CONFIG_YAML_SYNTAX', 4],
      ['CONFIG_YAML_SYNTAX', 8],
    ],
  )
})

t.test('a key named __proto__ is a key', async t => {
  const [document] = plain('{__proto__: {polluted: 1}}')
  t.same(Object.keys(document ?? {}), ['__proto__'])
  t.notOk('polluted' in {})
})

t.test('deep, wide and hostile texts are refused or read', async t => {
  t.match(faults('['.repeat(200_000)), ['CONFIG_YAML_LIMIT 1:133'])
  t.match(faults('- '.repeat(100_000)), [/CONFIG_YAML_LIMIT/])
  t.match(faults('{a: '.repeat(100_000)), [/CONFIG_YAML_LIMIT/])
  t.equal(parse(Array.from({ length: 20_000 }, (_, i) => `k${i}: v\n`).join('')).documents.length, 1)
})
