import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { fakeServer, verdict } from './fake-server.js'

const main = fileURLToPath(new URL(`../../src/main${extname(import.meta.url)}`, import.meta.url))

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  t.test(`a benchmark that ${signal} ends leaves nothing behind, and ends with ${code}`, async t => {
    let isAsked: () => void = () => {}
    const asked = new Promise<void>(resolve => {
      isAsked = resolve
    })
    const server = await fakeServer((_, answer) => {
      isAsked()
      answer(null, verdict(0))
    })
    t.teardown(() => server.close())
    const folder = t.testdir()
    const child = spawn(process.execPath, [...process.execArgv, main, 'bench', 'target', server.address], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = once(child, 'close') // when the processes that it started have let go of its output, too
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', chunk => {
        said += String(chunk)
      })
    await asked
    t.match(
      readdirSync(folder).some(name => name.startsWith('outboard-bench-')),
      true,
    )
    child.kill(signal)
    const [exit] = await ended
    t.equal(exit, code)
    t.same(
      readdirSync(folder).filter(name => name.startsWith('outboard-bench-')),
      [],
    )
    t.equal(said, '')
  })
