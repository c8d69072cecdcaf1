import { readFileSync } from 'node:fs'
import t from 'tap'
import { metricDefinitions, offeredName } from '../../src/mixer/telemetry/index.js'
import { scan } from '../tree/scan.js'

interface Named {
  readonly name: string
  readonly where: string
}

/** Metrics that the code names, as they are offered. */
function namedInCode(): Named[] {
  const direct = /\b(counter|histogram|gauge)\(\s*'([a-z_]+)'/g
  const literal = /'((?:outboard|mixer)_[a-z_]+)'/g
  return scan(process.cwd(), ['src'])
    .filter(({ path }) => !path.startsWith('src/mixer/telemetry/names') && !path.startsWith('src/bench/'))
    .filter(({ path }) => !path.startsWith('src/adapters/'))
    .flatMap(({ path }) => {
      const code = readFileSync(path, 'utf8')
      const called = [...code.matchAll(direct)].map(([, kind = '', name = '']) => ({
        name: offeredName(name, kind === 'counter' ? 'counter' : 'gauge'),
        where: path,
      }))
      return [...called, ...[...code.matchAll(literal)].map(([, name = '']) => ({ name, where: path }))]
    })
}

const listed: Readonly<Record<string, { kind: string; help: string; labels: readonly string[] }>> =
  metricDefinitions

t.test('every metric that the code names is listed', async t => {
  const named = namedInCode()
  t.ok(named.length > 20, 'the code names metrics')
  t.same(
    named.filter(({ name }) => listed[name] === undefined).map(({ name, where }) => `${name} in ${where}`),
    [],
  )
})

t.test('every listed metric of ours is named by the code', async t => {
  const named = new Set(namedInCode().map(({ name }) => name))
  t.same(
    Object.keys(listed).filter(name => name.startsWith('outboard_') && !named.has(name)),
    [],
  )
})

t.test('docs/metrics.md has each of them, with its kind, its labels and its meaning', async t => {
  const rows = readFileSync('docs/metrics.md', 'utf8')
    .split('\n')
    .filter(line => line.startsWith('| `'))
    // However wide a formatter makes the columns.
    .map(line => line.replace(/ +\|/g, ' |'))
  const expected = Object.entries(listed).map(([name, { kind, help, labels }]) => {
    const shown = labels.map(label => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${kind} | ${shown === '' ? '–' : shown} | ${help} |`
  })
  t.same(rows, expected)
})
