import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { runBench } from '../../src/bench/index.js'
import { writeResult } from '../../src/bench/report/result-file.js'
import { fakeServer } from './fake-server.js'
import { result } from './sample.js'

// What a wrong call says. Nothing is measured here: an error comes before that, or a server makes it.

const silent = () => {}

/** What is written to standard error meanwhile: commander's own messages. */
async function saidBy(args: readonly string[]): Promise<{ code: number; said: string }> {
  const { write } = process.stderr
  let said = ''
  process.stderr.write = (text: string | Uint8Array) => {
    said += String(text)
    return true
  }
  try {
    return { code: await runBench(args, silent), said }
  } finally {
    process.stderr.write = write
  }
}

t.test('values that an option cannot have are refused by what it can have', async t => {
  const cases: readonly (readonly [args: string[], said: RegExp])[] = [
    [['placements', '--only', 'in-proces'], /there is no "in-proces"; there are: in-process, /],
    [['scale', '--only', 'rules,rule'], /there is no "rule"; there are: rules, attributes/],
    [['figures', '--only', 'all'], /there is no "all"; there are: checks, reports/],
    [['profile', '--placements', 'nosuch'], /there is no "nosuch"; there are: in-process, /],
    [['profile', '--cache', 'maybe'], /Allowed choices are off, on/],
    [['placements', '--connections', '0'], /whole number from 1 to 1000/],
    [['placements', '--connections', '-1'], /whole number from 1 to 1000/],
    [['placements', '--connections', 'abc'], /whole number from 1 to 1000/],
    [['target', '127.0.0.1:1', '--connections', '0'], /whole number from 1 to 1000/],
    [['target', '127.0.0.1:1', '--pids', '4194305'], /whole number from 1 to 4194304/],
  ]
  for (const [args, wanted] of cases) {
    const { code, said } = await saidBy(args)
    t.equal(code, 2, args.join(' '))
    t.match(said, wanted)
  }
})

t.test('target refuses servers that it cannot measure', async t => {
  const usage: readonly (readonly [args: string[], message: RegExp])[] = [
    [[], /wanted an address/],
    [['--pair', '127.0.0.1:1'], /two addresses or more/],
    [['127.0.0.1:1', '--pair', '127.0.0.1:2', '127.0.0.1:3'], /beside --pair/],
    [['--pair', '127.0.0.1:2', '127.0.0.1:2'], /named twice/],
    [['nonsense'], /Cannot measure "nonsense": wanted host:port/],
    [['127.0.0.1:99999'], /with a port from 1 to 65535/],
    [['127.0.0.1:0'], /with a port from 1 to 65535/],
    [['127.0.0.1:1', '--pids', '1,2'], /2 for 1 servers/],
  ]
  for (const [args, message] of usage)
    await t.rejects(runBench(['target', ...args], silent), { message, isUsage: true })
  await t.rejects(runBench(['target', '127.0.0.1:1', '--requests', '/nothing/here'], silent), {
    code: 'CLI_FILE_UNREADABLE',
  })
})

t.test('files are looked at before anything is measured', async t => {
  const folder = t.testdir({ 'none.json': '[]', 'text.md': 'no marks' })
  const file = (name: string) => join(folder, name)
  writeResult(file('kept.json'), result([]))
  const nobody = ['target', '127.0.0.1:1']
  const unreadable = { code: 'CLI_FILE_UNREADABLE' }
  for (const api of ['mixer', 'ext-authz'])
    await t.rejects(runBench([...nobody, '--api', api, '--requests', file('none.json')], silent), {
      ...unreadable,
      message: /there are none in it/,
    })
  await t.rejects(runBench([...nobody, '--keep', file('nowhere/kept.json')], silent), unreadable)
  await t.rejects(runBench([...nobody, '--baseline', file('text.md')], silent), unreadable)
  await t.rejects(runBench([...nobody, '--baseline', file('kept.json')], silent), { code: 'CLI_BAD_OPTION' })
  await t.rejects(runBench(['show', file('kept.json'), '--into', file('text.md')], silent), unreadable)
  await t.rejects(runBench(['show', file('kept.json'), '--into', file('nothing.md')], silent), unreadable)
  writeFileSync(file('empty.json'), '')
  await t.rejects(runBench(['show', file('empty.json')], silent), unreadable)
})

t.test('a server that is not there, or says nothing, is told without our own stack', async t => {
  const mute = createServer(socket => void socket.end())
  await new Promise<void>(resolve => mute.listen(0, '127.0.0.1', resolve))
  t.teardown(() => mute.close())
  const address = mute.address()
  const port = typeof address === 'object' ? address?.port : 0
  for (const target of ['127.0.0.1:1', `127.0.0.1:${port}`]) {
    const error: unknown = await runBench(['target', target], silent).catch((cause: unknown) => cause)
    t.match(error, { code: 'BENCH_PROCESS', message: /Cannot connect to / })
    t.notMatch(error instanceof Error ? error.message : '', /\n\s+at /)
  }
})

t.test('a run in which every call went wrong ends with 1, and so does one without any answer', async t => {
  const server = await fakeServer((_, answer) => answer({ code: 14, details: 'gone' }))
  t.teardown(() => server.close())
  let printed = ''
  const args = ['target', server.address, '--rounds', '2', '--quick', '--depths', '2']
  t.equal(
    await runBench(args, text => {
      printed += text
    }),
    1,
  )
  t.match(printed, /! .*calls went wrong: gRPC status 14/)
  t.match(printed, /Again: outboard bench target 127/)
})
