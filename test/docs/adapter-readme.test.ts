import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { run } from '../../src/cli/index.js'
import { TestShell } from '../cli/shell.js'
import { fencesOf } from './fences.js'

const readme = readFileSync('adapters-sdk/README.md', 'utf8')

function fence(info: string): string {
  const found = fencesOf(readme).find(fence => fence.info === info)
  if (found === undefined) throw new Error(`the README has no ${info}`)
  return found.lines.join('\n')
}

/** The README's adapter as a process of its own; answers its address. */
async function bouncer(t: Test): Promise<string> {
  // Not in the test's own folder: the path of a Unix socket may have 107 bytes at most.
  const folder = mkdtempSync(join(tmpdir(), 'ob-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const address = `unix://${folder}/b.sock`
  const program = join(t.testdir({ 'bouncer.mjs': fence('ts') }), 'bouncer.mjs')
  const child = spawn(process.execPath, [...process.execArgv, program], {
    env: { ...process.env, ADDRESS: address },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', chunk => {
        output += String(chunk)
        if (output.includes('Serving bouncer')) resolve()
      })
    child.once('close', () => reject(new Error(`it ended: ${output}`)))
  })
  return address
}

t.test('the README’s documents are all that a host needs for the README’s adapter', async t => {
  const yaml = fence('yaml').replace('127.0.0.1:9070', await bouncer(t))
  t.match(yaml, /adapter: bouncer\n/)
  const config = t.testdir({
    config: { 'bouncer.yaml': yaml },
    misspelt: { 'bouncer.yaml': yaml.replace('adapter: bouncer', 'adapter: bouncers') },
  })
  const valid = new TestShell()
  t.equal(await run(['validate', '--ask-adapters', `${config}/config`], valid), 0, valid.stderr)

  const shell = new TestShell()
  const flags = ['--address', '127.0.0.1:0', '--admin', 'off', '--drain-timeout', '2s']
  const ended = run(['serve', '--config', `${config}/config`, ...flags], shell)
  const early = ended.then((): RegExpExecArray => {
    throw new Error(shell.stderr)
  })
  early.catch(() => {})
  const listening = shell.printed(/"event":"listening","addresses":\["([^"]+)"/)
  const [, mixer = ''] = await Promise.race([listening, early])
  const check = async (key: string) => {
    const asking = new TestShell()
    await run(['check', '--mixer', mixer, '-s', `request.api_key=${key}`], asking)
    return asking.stdout
  }
  t.match(await check('k-1009'), 'PERMISSION_DENIED')
  t.match(await check('k-1010'), 'Check: OK')
  shell.signal('SIGTERM')
  t.equal(await ended, 0)

  const misspelt = new TestShell()
  t.equal(await run(['validate', '--ask-adapters', `${config}/misspelt`], misspelt), 1)
  t.match(misspelt.stderr, /CONFIG_ADAPTER_UNREACHABLE.*"bouncers"/)
})

t.test('the README lists the package’s entries', async t => {
  const { exports } = JSON.parse(readFileSync('adapters-sdk/package.json', 'utf8'))
  const listed = [...readme.matchAll(/^\| `@outboard\/adapters-sdk(\S*)` \|/gm)].map(([, rest]) => `.${rest}`)
  t.same(listed, Object.keys(exports))
})
