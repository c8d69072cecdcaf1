import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const script = fileURLToPath(new URL('../../src/main.js', import.meta.url))
const bundle = fileURLToPath(new URL('../../bundle', import.meta.url))

/** What a command prints, and the files of ours that were loaded for it (V8 writes down which code it has seen). */
function run(t: Test, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const coverage = t.testdir()
  const printed = execFileSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env, NODE_V8_COVERAGE: coverage },
  })
  const loaded = readdirSync(coverage).flatMap(file => {
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8'))
    return result.map(({ url }: { url: string }) => url)
  })
  return { printed, loaded: loaded.filter((url: string) => /\/dist\/(src|bundle)\//.test(url)) }
}

const isModule = (url: string) => url.includes('/dist/src/') && !url.endsWith('/src/main.js')

t.test('a command comes from the bundle, and prints what its modules print', async t => {
  const bundled = run(t, ['serve', '--help'])
  t.same(bundled.loaded.filter(isModule), [])
  const modules = run(t, ['serve', '--help'], { OUTBOARD_BUNDLE: 'off' })
  t.ok(modules.loaded.some(isModule))
  t.same(
    modules.loaded.filter(url => url.includes('/dist/bundle/')),
    [],
  )
  t.equal(bundled.printed, modules.printed)
})

t.test('adapters and benchmarks run as modules, so that what they load shares the SDK with them', async t => {
  for (const command of ['adapter', 'bench']) {
    const { loaded } = run(t, [command, '--help'])
    t.ok(loaded.some(isModule), command)
    t.same(
      loaded.filter(url => url.includes('/dist/bundle/')),
      [],
      command,
    )
  }
})

t.test('the bundle has the license of every package whose code is in it', async t => {
  const licenses = readFileSync(join(bundle, 'LICENSES.txt'), 'utf8')
  const inside = new Set<string>()
  for (const file of readdirSync(bundle).filter(name => name.endsWith('.js')))
    for (const [, name] of readFileSync(join(bundle, file), 'utf8').matchAll(
      /^\/\/ (?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//gm,
    ))
      inside.add(name ?? '')
  t.ok(inside.size > 20, `${inside.size} packages`)
  const named = new Set(licenses.split(/^-{80}$/m).map(part => part.trim().split('\n')[0]))
  t.same(
    [...inside].filter(name => !named.has(name)),
    [],
  )
  t.match(licenses, /Apache License/)
  t.match(licenses, /Permission is hereby granted/)
})
