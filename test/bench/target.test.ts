import { join } from 'node:path'
import t from 'tap'
import { runBench } from '../../src/bench/index.js'
import { readResult } from '../../src/bench/report/result-file.js'
import { fakeServer, verdict } from './fake-server.js'

const short = ['--rounds', '2', '--seconds', '0.05', '--quick', '--depths', '2']

t.test('outboard bench target compares two servers, by their process ids too', async t => {
  const servers = await Promise.all(
    [0, 7].map(code => fakeServer((_, answer) => answer(null, verdict(code)))),
  )
  t.teardown(() => {
    for (const server of servers) server.close()
  })
  const folder = t.testdir({ 'requests.json': '[{"request.path": "/a"}, {"request.path": "/b"}]' })
  const kept = join(folder, 'kept.json')
  const pair = ['--pair', ...servers.map(({ address }) => address)]
  const pids = process.platform === 'linux' ? ['--pids', `${process.pid},${process.pid}`] : []
  const requests = ['--requests', join(folder, 'requests.json')]
  let printed = ''
  const out = (text: string) => {
    printed += text
  }
  t.equal(await runBench(['target', ...pair, ...pids, ...requests, ...short, '--keep', kept], out), 0)
  const { rows } = readResult(kept)
  t.same(
    rows.map(({ name, reference }) => [name, reference]),
    servers.map(({ address }, i) => [address, i === 0 ? undefined : `2 at once/${servers[0]?.address}`]),
  )
  for (const { invalid, rounds } of rows) {
    t.equal(invalid, undefined, 'any verdict is right')
    if (pids.length > 0) t.ok(rounds.every(({ host }) => (host?.peakBytes ?? 0) > 0))
  }
  t.match(printed, 'mixer API, 2 at once')
})

t.test('outboard bench target says what it cannot do', async t => {
  await t.rejects(
    runBench(['target', '127.0.0.1:1', '--requests', '/nothing/here', ...short], () => {}),
    { code: 'CLI_FILE_UNREADABLE' },
  )
  await t.rejects(
    runBench(['target', '127.0.0.1:1', ...short], () => {}),
    { code: 'BENCH_PROCESS', message: /Cannot connect to 127.0.0.1:1/ },
  )
})
