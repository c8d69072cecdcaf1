import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { copyConfig } from '../../src/cli/demo/config-copy.js'
import { run } from '../../src/cli/index.js'
import { TestShell } from '../cli/shell.js'
import { commandsOf, fencesOf } from './fences.js'

/** A command in this process; `ready` waits for what it prints. */
async function started(args: readonly string[], ready: RegExp) {
  const shell = new TestShell()
  const ended = run([...args, '--drain-timeout', '1s'], shell)
  const early = ended.then((): string[] => {
    throw new Error(`${args.join(' ')}: ${shell.stderr}`)
  })
  early.catch(() => {})
  const [, found = ''] = await Promise.race([shell.printed(ready), early])
  const stop = () => {
    shell.signal('SIGTERM')
    return ended
  }
  return { found, stop }
}

for (const path of ['docs/a-check.md', 'docs/a-report.md'])
  t.test(`the commands of ${path} print what it says`, async t => {
    const list = await started(['adapter', 'serve', 'listchecker'], / at (\S+)\n/)
    const quota = await started(['adapter', 'serve', 'memquota'], / at (\S+)\n/)
    const addresses = new Map([
      ['127.0.0.1:9101', list.found],
      ['127.0.0.1:9102', quota.found],
    ])
    const config = await copyConfig('examples/config', addresses)
    const flags = ['--config', config.folder, '--address', '127.0.0.1:0', '--admin', 'off']
    const host = await started(['serve', ...flags], /"event":"listening","addresses":\["([^"]+)"/)
    const fences = fencesOf(readFileSync(path, 'utf8'))
    let compared = 0
    for (const [i, fence] of fences.entries()) {
      const output = fences[i + 1]
      if (fence.info !== 'sh' || output?.info !== 'text') continue
      for (const { words } of commandsOf(fence)) {
        const shell = new TestShell()
        await run([...words.slice(1), '--mixer', host.found], shell)
        t.equal(shell.stdout, `${output.lines.join('\n')}\n`)
        compared++
      }
    }
    t.ok(compared > 0, 'there was something to compare')
    for (const one of [host, list, quota]) await one.stop()
    await config.remove()
  })

t.test('every file that the documents name is there', async t => {
  const documents = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.md'),
  )
  let named = 0
  for (const name of ['../README.md', ...documents])
    for (const [, path = ''] of readFileSync(`docs/${name}`, 'utf8').matchAll(
      /`((?:src|adapters-sdk|test|examples|proto)\/[\w./-]+)`/g,
    )) {
      named++
      if (!existsSync(path)) t.fail(`${name} names ${path}`)
    }
  t.ok(named > 20)
})
