import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { builtinAdapters, loadAdapterFile } from '../../src/adapters/registry.js'
import { callWith, FakeHost, instanceOf, rejection } from './support/fakes.js'

t.test('the registry holds each built-in adapter under the name that configuration calls it', async t => {
  t.same([...builtinAdapters.keys()].sort(), [
    'denier',
    'kubernetesenv',
    'listchecker',
    'memquota',
    'noop',
    'prometheus',
    'stdio',
  ])
  for (const [name, adapter] of builtinAdapters) t.equal(adapter.name, name)
})

t.test('each built-in adapter takes the templates that it takes in Mixer', async t => {
  const expected: Record<string, string[]> = {
    denier: ['checknothing', 'listentry', 'quota'],
    kubernetesenv: ['kubernetes'],
    listchecker: ['listentry'],
    memquota: ['quota'],
    prometheus: ['metric'],
    stdio: ['logentry', 'metric'],
  }
  for (const [name, templates] of Object.entries(expected)) {
    t.same(
      builtinAdapters
        .get(name)
        ?.templates.map(template => template.name)
        .sort(),
      templates,
      name,
    )
  }
})

// Written where the project's modules can be found from.
const folder = join(process.cwd(), '.tap', 'adapter-files', `${process.pid}`)
mkdirSync(folder, { recursive: true })
t.teardown(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const definition = `{
  name: 'mine', version: '1.0.0', description: 'Allows', templates: ['checknothing'],
  settings: settings.object({}), open: () => ({ check: () => allow() }),
}`
const imports = "import { allow, defineAdapter, settings } from '@outboard/adapters-sdk'\n"

t.test('loadAdapterFile takes the default export, or the one called adapter', async t => {
  const table: [string, string][] = [
    ['default.mjs', `${imports}export default defineAdapter(${definition})`],
    ['named.mjs', `${imports}export const adapter = defineAdapter(${definition})`],
    ['both.mjs', `${imports}export default 5\nexport const adapter = defineAdapter(${definition})`],
  ]
  for (const [name, content] of table) {
    const adapter = await loadAdapterFile(file(name, content))
    t.equal(adapter.name, 'mine', name)
    const handler = await adapter.open({}, new FakeHost())
    t.match(await handler.check(instanceOf('checknothing', 'a.b.c'), callWith()), { kind: 'allow' })
    await handler.close()
  }
})

t.test('loadAdapterFile says what is wrong with a file that gives no adapter', async t => {
  const table: [string, string, RegExp][] = [
    [join(folder, 'missing.mjs'), 'ADAPTER_FILE_NOT_FOUND', /no such file/],
    [file('throws.mjs', "throw new Error('my fault')"), 'ADAPTER_FILE_BROKEN', /my fault/],
    [file('syntax.mjs', 'export default {'), 'ADAPTER_FILE_BROKEN', /syntax\.mjs/],
    [file('import.mjs', "import 'no-such-package-here'"), 'ADAPTER_FILE_BROKEN', /no-such-package-here/],
    [file('empty.mjs', ''), 'ADAPTER_FILE_EMPTY', /exports nothing/],
    [file('other.mjs', 'export const a = 1, b = 2'), 'ADAPTER_FILE_EMPTY', /exports "a", "b"/],
    [
      file('raw.mjs', `${imports}export default ${definition}`),
      'ADAPTER_FILE_EMPTY',
      /expected what defineAdapter\(\)/,
    ],
  ]
  for (const [path, code, message] of table)
    t.match(await rejection(loadAdapterFile(path)), { code, message, path })
})
