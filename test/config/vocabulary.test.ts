import t from 'tap'
import { builtinDeclarations } from '../../src/mixer/config/index.js'
import { accepted, loadFixture, loadText, refusal } from './load.js'

const manifest = (name: string, attributes: string) =>
  `kind: attributemanifest\nmetadata: {name: ${name}, namespace: shop}\nspec: {attributes: {${attributes}}}\n`

t.test('without any document the standard attributes are known, and those of modern proxies', async t => {
  const { vocabulary } = accepted(await loadText('')).snapshot
  t.equal(vocabulary.typeOf('request.headers'), 'STRING_MAP')
  t.equal(vocabulary.typeOf('response.duration'), 'DURATION')
  t.equal(vocabulary.typeOf('source.port'), 'INT64')
  t.equal(vocabulary.typeOf('request.body_truncated'), 'BOOL')
  t.equal(new Set(builtinDeclarations.map(({ name }) => name)).size, builtinDeclarations.length)
})

t.test("Istio's own manifests add nothing and change nothing", async t => {
  const without = accepted(await loadText('')).snapshot.vocabulary
  const stock = accepted(await loadFixture('istio-stock')).snapshot.vocabulary
  t.equal(stock.fingerprint, without.fingerprint)
})

t.test('built-in attributes keep their slots whatever is declared besides', async t => {
  const before = accepted(await loadText('')).snapshot.vocabulary
  const after = accepted(await loadText(manifest('own', 'a.first: {valueType: STRING}'))).snapshot.vocabulary
  t.same(
    builtinDeclarations.filter(({ name }) => before.slot(name) !== after.slot(name)),
    [],
  )
  t.equal(after.slot('a.first'), before.size)
})

t.test('a manifest overrules a built-in attribute; two manifests must agree', async t => {
  const loaded = await loadText(manifest('own', 'source.port: {valueType: STRING}'))
  t.equal(accepted(loaded).snapshot.vocabulary.typeOf('source.port'), 'STRING')
  const same = [manifest('one', 'x: {valueType: BOOL}'), manifest('two', 'x: {value_type: 4}')]
  t.equal(accepted(await loadText(same.join('---\n'))).snapshot.vocabulary.typeOf('x'), 'BOOL')
  const other = [manifest('one', 'x: {valueType: BOOL}'), manifest('two', 'x: {valueType: URI}')]
  t.match(refusal(await loadText(other.join('---\n'))), [/CONFIG_ATTRIBUTE_CONFLICT 7:21/])
})
