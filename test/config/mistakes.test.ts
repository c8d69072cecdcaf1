import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { type ConfigCode, configCodes, printProblem } from '../../src/mixer/config/index.js'
import { fixtures, loadFixture } from './load.js'

/** What `expected.json` of a mistake says. */
interface Expected {
  readonly code: ConfigCode
  readonly line: number
  readonly column: number
  readonly path: string
  /** What "did you mean" must offer. */
  readonly nearest?: string
}

const folder = join(fixtures, 'mistakes')
const names = readdirSync(folder).sort()
const expected = (name: string): Expected =>
  JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8'))

for (const name of names)
  t.test(`the mistake ${name} gets one precise error`, async t => {
    const { code, line, column, path, nearest } = expected(name)
    const loaded = await loadFixture(`mistakes/${name}`)
    if (loaded.kind === 'loaded') return t.fail('it was loaded')
    t.same(
      loaded.problems.map(problem => [problem.code, problem.at.line, problem.at.column, problem.at.path]),
      [[code, line, column, path]],
    )
    const [problem] = loaded.problems
    t.equal(basename(problem.at.file), 'config.yaml')
    t.match(problem.message, /^Cannot /)
    t.not(problem.mend, '')
    if (nearest !== undefined) t.match(printProblem(problem), `did you mean "${nearest}"?`)
  })

t.test('every code has a mistake, but for those that need a file system or limits of their own', async t => {
  const shown = new Set(names.map(name => expected(name).code))
  t.same(
    configCodes.filter(code => !shown.has(code)),
    ['CONFIG_SOURCE_UNREADABLE', 'CONFIG_FILE_TOO_LARGE', 'CONFIG_TOO_MANY_DOCUMENTS'],
  )
})
