import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const index = readFileSync('docs/README.md', 'utf8')
const linked = new Set([...index.matchAll(/\]\(([^)#]+)\)/g)].map(([, to = '']) => join('docs', to)))

/** Every page that a reader may look for. */
const pages = [
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md') && name !== 'README.md')
    .map(name => join('docs', name)),
  'adapters-sdk/README.md',
]

t.test('the index of the documents leaves no page out', async t => {
  t.ok(pages.length > 25, 'there are pages')
  t.same(
    pages.filter(page => !linked.has(page)),
    [],
  )
})

t.test('the README at the top leads to the index', async t => {
  t.match(readFileSync('README.md', 'utf8'), '(docs/README.md)')
})
