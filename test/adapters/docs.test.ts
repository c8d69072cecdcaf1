import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ObjectSchema, settingsTable } from '@outboard/adapters-sdk'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { denierSettings } from '../../src/adapters/denier/settings.js'
import { kubernetesenvSettings } from '../../src/adapters/kubernetesenv/settings.js'
import { listSettings } from '../../src/adapters/list/settings.js'
import { memquotaSettings } from '../../src/adapters/memquota/settings.js'
import { prometheusSettings } from '../../src/adapters/prometheus/settings.js'
import { builtinAdapters } from '../../src/adapters/registry.js'
import { stdioSettings } from '../../src/adapters/stdio/settings.js'

const folder = join(process.cwd(), 'docs', 'adapters')
const page = (name: string) => readFileSync(join(folder, `${name}.md`), 'utf8')

const schemas: ReadonlyMap<string, ObjectSchema<unknown>> = new Map<string, ObjectSchema<unknown>>([
  ['denier', denierSettings],
  ['kubernetesenv', kubernetesenvSettings],
  ['listchecker', listSettings],
  ['memquota', memquotaSettings],
  ['prometheus', prometheusSettings],
  ['stdio', stdioSettings],
])

t.test('each built-in adapter has a page, and each page is of one', async t => {
  const pages = readdirSync(folder).filter(name => name !== 'README.md')
  t.same(pages.sort(), [...builtinAdapters.keys()].map(name => `${name}.md`).sort())
})

t.test('the list of adapters says what the adapters say of themselves', async t => {
  const list = page('README')
  for (const { name, templates, description } of builtinAdapters.values()) {
    const names = templates.map(template => template.name).join(', ')
    t.ok(list.includes(`| [${name}](${name}.md) | ${names} | ${description} |`), name)
  }
})

t.test('the settings tables are those of the schemas', async t => {
  for (const [name, schema] of schemas) {
    const table = settingsTable(schema).trim()
    const [, section = ''] = page(name).split('## Settings\n')
    t.equal(section.split('\n## ')[0]?.trim(), table, name)
  }
  t.match(page('noop'), /## Settings\n\nNone\.\n/)
})

t.test('the handlers in the examples are taken by their adapters', async t => {
  for (const name of builtinAdapters.keys()) {
    const examples = [...page(name).matchAll(/```yaml\n([\s\S]*?)```/g)].map(match => match[1] ?? '')
    const documents = examples.flatMap(text => parseAllDocuments(text).map(document => document.toJS()))
    const handlers = documents.filter(document => document.kind === 'handler')
    t.ok(handlers.length > 0, `${name} has an example`)
    for (const { spec } of handlers) {
      t.equal(spec.compiledAdapter, name)
      t.match(builtinAdapters.get(name)?.settings.resolve(spec.params), { settings: {} }, name)
    }
  }
})

t.test('each page says how the adapter differs from Istio’s', async t => {
  for (const name of builtinAdapters.keys()) t.match(page(name), /\n## Different from Istio's\n\n- /, name)
})
