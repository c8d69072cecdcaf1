import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { table } from '../tree/table.js'

const page = (name: string) => readFileSync(`docs/decisions/${name}`, 'utf8')

t.test('what the decision on imports allows, the import table allows', async t => {
  const rows = [...page('import-table.md').matchAll(/^\| `([^`]+)` +\| ([^|]+) \|/gm)]
  t.ok(rows.length > 5, 'there are rows')
  for (const [, room = '', also = ''] of rows) {
    const row = table.find(({ room: known }) => known === room)
    const allowed = [...(row?.ours ?? []), ...(row?.outside ?? [])]
    for (const [, wanted = ''] of also.matchAll(/`([^`]+?)(?:\.ts)?`/g))
      t.ok(allowed.includes(wanted), `${room}: ${wanted}`)
  }
})

t.test('a decision that names a version names the one that is installed', async t => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  const pinned: Record<string, string> = { ...dependencies, ...devDependencies }
  const named = readdirSync('docs/decisions').flatMap(name =>
    [...page(name).matchAll(/`(@?[a-z][\w/@-]*)`\)? (\d+\.\d+\.\d+)/g)].map(
      ([, what = '', version = '']) => ({
        what: Object.keys(pinned).find(known => known === what || known.endsWith(`/${what}`)) ?? what,
        version,
        name,
      }),
    ),
  )
  t.ok(named.length > 6, 'decisions name versions')
  for (const { what, version, name } of named) t.equal(pinned[what], version, `${what} in ${name}`)
})
