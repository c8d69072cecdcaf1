import fc from 'fast-check'
import t from 'tap'
import { type Loaded, loadSnapshot, readFolder } from '../../src/mixer/config/index.js'
import { accepted, adapters, fixtures, loadText, refusal } from './load.js'

/** Everything about a snapshot that must not depend on the order of documents. */
function facts(loaded: Loaded) {
  const { snapshot, rules } = accepted(loaded)
  return {
    revision: snapshot.revision,
    vocabulary: snapshot.vocabulary.fingerprint,
    handlers: [...snapshot.handlers.values()].map(({ id, signature, instances }) => [
      id,
      signature,
      instances,
    ]),
    rules: rules.map(({ name, actions }) => [name, Object.values(actions).map(list => list.length)]),
  }
}

t.test('the order of files and documents does not matter', async t => {
  const sources = await readFolder(`${fixtures}/all-kinds`)
  const documents = sources.flatMap(source => ('text' in source ? source.text.split('\n---\n') : []))
  const load = (texts: readonly string[]) =>
    loadSnapshot([{ file: 'f.yaml', text: texts.join('\n---\n') }], { adapters })
  const wanted = facts(await load(documents))
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(documents, { minLength: documents.length }), async shuffled => {
      t.same(facts(await load(shuffled)), wanted)
    }),
    { numRuns: 8 },
  )
})

t.test('comments, spelling and style change nothing; content does', async t => {
  const revision = async (text: string) => accepted(await loadText(text)).snapshot.revision
  const one = 'kind: handler\nmetadata: {name: h, namespace: shop}\nspec: {compiledAdapter: noop}\n'
  const same =
    '# why\nkind: "handler"\nmetadata:\n  namespace: shop\n  name: h\n  labels: {a: b}\nspec:\n  compiledAdapter: noop\n'
  t.equal(await revision(one), await revision(same))
  t.not(await revision(one), await revision(one.replace('noop', 'denier')))
  t.not(await revision(one), await revision(one.replace('name: h', 'name: g')))
  t.not(
    accepted(await loadText(one, { defaultNamespace: 'mesh' })).snapshot.revision,
    await revision(one),
    'the default namespace decides whose rules apply',
  )
})

t.test('all problems of a configuration are told at once, in order of place', async t => {
  const loaded = await loadText(`kind: rule
metadata: {name: a, namespace: shop}
spec:
  match: request.metod == "x"
  actions: [{handler: none, instances: [neither]}]
  colour: red
---
kind: handler
metadata: {name: h, namespace: shop}
spec: {compiledAdapter: nop}
`)
  t.same(refusal(loaded), [
    'CONFIG_BAD_EXPRESSION 4:10 spec.match',
    'CONFIG_UNKNOWN_HANDLER 5:23 spec.actions[0].handler',
    'CONFIG_UNKNOWN_INSTANCE 5:41 spec.actions[0].instances[0]',
    'CONFIG_UNKNOWN_FIELD 6:3 spec.colour',
    'CONFIG_UNKNOWN_ADAPTER 10:25 spec.compiledAdapter',
  ])
})

t.test('what refers to a document with a mistake is no further mistake', async t => {
  const loaded = await loadText(`kind: handler
metadata: {name: h, namespace: shop}
spec: {compiledAdapter: nop}
---
kind: instance
metadata: {name: i, namespace: shop}
spec: {compiledTemplate: none}
---
kind: rule
metadata: {name: r, namespace: shop}
spec: {actions: [{handler: h, instances: [i]}]}
`)
  t.same(refusal(loaded), [
    'CONFIG_UNKNOWN_ADAPTER 3:25 spec.compiledAdapter',
    'CONFIG_UNKNOWN_TEMPLATE 7:26 spec.compiledTemplate',
  ])
})

t.test('a problem says what the document would have done, and how to mend it', async t => {
  const loaded = await loadText(`kind: rule
metadata: {name: r, namespace: shop}
spec:
  match: request.method == "POST"
  actions: [{handler: deny, instances: [everything]}]
`)
  t.match(loaded, {
    kind: 'refused',
    problems: [
      {
        code: 'CONFIG_UNKNOWN_HANDLER',
        at: { file: 'config.yaml', line: 5, column: 23 },
        resource: 'r.rule.shop',
        would: 'when request.method == "POST" holds, ask deny about everything',
        mend: 'add the handler, or correct the name (looked for deny.handler.shop)',
      },
      { code: 'CONFIG_UNKNOWN_INSTANCE' },
    ],
  })
})

t.test('very many problems are counted, and not all kept', async t => {
  const bad = Array.from(
    { length: 1_500 },
    (_, i) => `kind: rule\nmetadata: {name: r${i}, namespace: shop}\n`,
  )
  const loaded = await loadText(bad.join('---\n'))
  t.match(loaded, { kind: 'refused', problemCount: 1_500 })
  t.equal(loaded.kind === 'refused' && loaded.problems.length, 1_000)
})

t.test('matches that mean always are not evaluated', async t => {
  for (const match of ['""', '"  "', '"true"', '" true "']) {
    const { rules } = accepted(
      await loadText(`kind: rule
metadata: {name: r, namespace: shop}
spec: {match: ${match}, requestHeaderOperations: [{name: x, operation: REMOVE}]}
`),
    )
    t.equal(rules[0]?.match, undefined, match)
  }
})

t.test('languages: the annotation chooses, and the option overrules it', async t => {
  const rule = (language: string) => `kind: rule
metadata: {name: r, namespace: shop, annotations: {policy.istio.io/lang: ${language}}}
spec: {match: "!(request.size > 1)", requestHeaderOperations: [{name: x, operation: REMOVE}]}
`
  t.equal(accepted(await loadText(rule('CEL'))).ruleLanguages.get('r.rule.shop'), 'CEL')
  t.match(refusal(await loadText(rule('other'))), [/CONFIG_BAD_EXPRESSION/], 'the classic one has no `!`')
  t.match(refusal(await loadText(rule('CEL'), { language: 'CEXL' })), [/CONFIG_BAD_EXPRESSION/])
})
