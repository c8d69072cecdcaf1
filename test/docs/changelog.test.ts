import { readFileSync } from 'node:fs'
import t from 'tap'
import { builtinAdapters } from '../../src/adapters/registry.js'
import { outboardProgram } from '../../src/cli/program.js'
import { TestShell } from '../cli/shell.js'

const changelog = readFileSync('CHANGELOG.md', 'utf8')

t.test('the changelog begins with the version that is here', async t => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  t.equal(/^## (.+)$/m.exec(changelog)?.[1], version)
})

t.test('the first version’s commands and adapters are those that there are', async t => {
  const list = (what: string) => new RegExp(`^- ${what}: ([^.]+)\\.`, 'm').exec(changelog)?.[1] ?? ''
  const { commands } = outboardProgram(new TestShell(), () => {})
  t.same(
    list('Commands').replaceAll('`', '').split(/,\s+/).sort(),
    commands.map(command => command.name()).sort(),
  )
  t.same(list('Adapters that come along').split(', '), [...builtinAdapters.keys()].sort())
})
