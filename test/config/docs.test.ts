import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { configCodes, defaultLimits, guardDefaults } from '../../src/mixer/config/index.js'
import { accepted, loadText } from './load.js'

const doc = (name: string) => readFileSync(join(process.cwd(), 'docs', name), 'utf8')

/** The rows of all tables, cells trimmed: how wide the columns are drawn does not matter. */
function rows(name: string): string[][] {
  return doc(name)
    .split('\n')
    .filter(line => line.startsWith('| '))
    .map(line => line.split('|').slice(1, -1))
    .map(cells => cells.map(cell => cell.trim()))
}

t.test('docs/config-errors.md lists every code, once, in the order of the code', async t => {
  const codes = rows('config-errors.md').flatMap(([code, meaning, remedy]) =>
    code?.startsWith('`CONFIG_') && meaning !== '' && remedy !== '' ? [code.slice(1, -1)] : [],
  )
  t.same(codes, configCodes)
})

t.test('every example of docs/configuration.md loads', async t => {
  const examples = [...doc('configuration.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, text]) => text ?? '',
  )
  t.ok(examples.length >= 5)
  for (const text of examples) accepted(await loadText(text))
})

t.test('docs/configuration.md states the defaults and limits of the code', async t => {
  const last = new Map(rows('configuration.md').map(cells => [cells[0], cells.at(-1)]))
  const { maxConcurrency, breaker, report, deadlineMs } = guardDefaults
  t.equal(last.get('`maxConcurrency`'), String(maxConcurrency))
  t.equal(last.get('`breaker.failures`, `breaker.open`'), `${breaker.failures}, ${breaker.openMs / 1_000}s`)
  t.equal(last.get('`report.maxQueued`'), String(report.maxQueued))
  t.equal(
    last.get('`report.maxItems`, `.maxBytes`, `.maxAge`'),
    `${report.maxItems}, ${report.maxBytes}, ${report.maxAgeMs / 1_000}s`,
  )
  t.equal(last.get('`deadline`'), `\`connection.timeout\`, else ${deadlineMs / 1_000}s`)
  const number = (value: number) => value.toLocaleString('en-US')
  t.equal(last.get('one file'), `${defaultLimits.maxFileBytes / 1024 / 1024} MiB`)
  t.equal(
    last.get('files, documents'),
    `${number(defaultLimits.maxFiles)}, ${number(defaultLimits.maxDocuments)}`,
  )
  t.equal(last.get('nesting'), `${defaultLimits.maxDepth} levels`)
  t.equal(last.get('values that aliases add to a document'), number(defaultLimits.maxAliasNodes))
})
