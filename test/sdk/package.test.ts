import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'

/** What `npm publish` would send. */
async function packed(): Promise<readonly string[]> {
  const run = promisify(execFile)
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline', '--loglevel=error']
  const { stdout } = await run('npm', args, { cwd: 'adapters-sdk', maxBuffer: 16_777_216 })
  const [{ files }] = JSON.parse(stdout)
  return files.map((file: { path: string }) => file.path)
}

/** Every path that a manifest's `exports` names. */
function targets(exported: unknown): readonly string[] {
  if (typeof exported === 'string') return [exported.replace(/^\.\//, '')]
  return Object.values(exported ?? {}).flatMap(targets)
}

t.test(
  'The package holds its licence and all that its manifest and README lead to, and no maps of sources it has not',
  async t => {
    const files = await packed()
    const manifest = JSON.parse(readFileSync('adapters-sdk/package.json', 'utf8'))
    const exported = targets(manifest.exports)
    t.ok(exported.length >= 8)
    for (const target of exported) t.ok(files.includes(target), target)
    t.ok(files.includes('LICENSE'))
    t.equal(readFileSync('adapters-sdk/LICENSE', 'utf8'), readFileSync('LICENSE', 'utf8'))
    t.ok(files.includes('proto/outboard/adapter/v1/session.proto'))
    t.same(
      files.filter(file => file.endsWith('.map') || file.endsWith('.tsbuildinfo')),
      [],
    )
    for (const [, to = ''] of readFileSync('adapters-sdk/README.md', 'utf8').matchAll(/\]\(([^)#]+)\)/g)) {
      t.ok(/^https:/.test(to) || files.includes(to), `the README links to ${to}`)
    }
  },
)

t.test('The documents that the README names are where it says', async t => {
  const readme = readFileSync('adapters-sdk/README.md', 'utf8')
  const named = [...readme.matchAll(/`(docs\/[\w-]+\.md)`/g)].map(([, path = '']) => path)
  t.ok(named.length >= 4)
  for (const path of named) t.ok(readFileSync(path, 'utf8').startsWith('# '), path)
})
