import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import t from 'tap'
import { askAdmin } from '../../src/cli/admin-client.js'
import { run } from '../../src/cli/index.js'
import { check, denier, documents, serving } from './serving.js'
import { TestShell } from './shell.js'

t.test('a host answers checks and reports, and says that it is ready', async t => {
  const { mixer, admin } = await serving(t, documents(denier('closed')))
  t.match(await check(mixer, '/'), { code: 0, text: /^Check: OK\nValid for 1m0s and 10000 uses\n/ })
  t.match(await check(mixer, '/secret'), {
    code: 3,
    text: /^Check: PERMISSION_DENIED \(refuse\.istio-system:closed\)\n/,
  })
  const report = new TestShell()
  t.equal(
    await run(
      ['report', '--mixer', mixer, '-s', 'request.path=/', '--repeat', '3', '--report-batch-size', '3'],
      report,
    ),
    0,
  )
  t.equal(report.stdout, 'Report: OK (3 attribute sets taken)\n')
  t.equal((await askAdmin(admin, 'GET', '/readyz')).status, 200)
  const status = new TestShell()
  t.equal(await run(['status', '--admin', admin], status), 0)
  t.match(status.stdout, /^ready\n/)
  t.match(status.stdout, 'refuse.handler.istio-system: denier, in-process')
  const { body } = await askAdmin(admin, 'GET', '/metrics')
  t.match(body, /^outboard_checks_total\{door="mixer",outcome="denied"\} 1$/m)
  t.match(
    body,
    /^mixer_runtime_dispatches_total\{meshFunction="check",handler="refuse\.handler\.istio-system",adapter="denier",error="false"\} 1$/m,
  )
})

t.test('many calls are counted by what came of them, also as JSON', async t => {
  const { mixer } = await serving(t, documents(denier('closed')))
  const requests = `${t.testdir({ 'r.json': '[{"request.path": "/"}, {"request.path": "/secret"}]' })}/r.json`
  const shell = new TestShell()
  t.equal(
    await run(['check', '--mixer', mixer, '-f', requests, '--repeat', '5', '--concurrency', '2'], shell),
    3,
  )
  t.match(shell.stdout, /^10 calls in /)
  t.match(shell.stdout, /5 × OK/)
  t.match(shell.stdout, /5 × PERMISSION_DENIED/)
  const json = new TestShell()
  await run(['check', '--mixer', mixer, '-f', requests, '--repeat', '2', '--json', '-q', 'rq=2'], json)
  const answers = json.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  t.match(answers, [
    { status: { name: 'OK' }, validUses: Number, quotas: { rq: { amount: '2' } } },
    { status: { name: 'PERMISSION_DENIED' }, quotas: {} },
  ])
})

t.test('a change of the configuration is taken; one that is wrong changes nothing and is told', async t => {
  const { shell, config, mixer, admin } = await serving(t, documents(denier('first')))
  t.match((await check(mixer, '/secret')).text, 'first')
  writeFileSync(`${config}/all.yaml`, documents(denier('second')))
  await shell.printed(/"event":"config_live","id":1/)
  t.match((await check(mixer, '/secret')).text, 'second')
  writeFileSync(`${config}/all.yaml`, documents(denier('third').replace('"/secret"', '1')))
  await shell.printed(/"event":"config_problem"/)
  t.match((await check(mixer, '/secret')).text, 'second', 'the good one stays in force')
  t.match((await askAdmin(admin, 'GET', '/config/problems')).body, {
    refused: { by: 'configuration', problems: [{ code: /^CONFIG_/ }] },
  })
  t.match((await askAdmin(admin, 'GET', '/metrics')).body, /^outboard_config_problems [1-9]/m)
  writeFileSync(`${config}/all.yaml`, documents(denier('fourth')))
  await shell.printed(/"event":"config_live","id":3/)
  t.same((await askAdmin(admin, 'GET', '/config/problems')).body, { refused: null })
})

t.test('a host that cannot start says why, and ends', async t => {
  const good = t.testdir({
    'a.yaml': documents(denier('x')),
    bad: { 'b.yaml': 'kind: rule\nspec: {match: 1}\n' },
  })
  const attempt = async (...args: string[]) => {
    const shell = new TestShell()
    const code = await run(['serve', '--address', '127.0.0.1:0', '--admin', 'off', ...args], shell)
    return { code, text: shell.stderr }
  }
  t.match(await attempt(), { code: 2, text: /--config FOLDER.*CLI_USAGE/ })
  t.match(await attempt('--config', `${good}/bad`), {
    code: 1,
    text: /config_problem[\s\S]*CLI_CONFIG_REFUSED/,
  })
  t.match(await attempt('--config', '/nowhere/at/all'), { code: 1, text: /CONFIG_SOURCE_UNREADABLE/ })
  t.match(await attempt('--config', `${good}/a.yaml`, '--address', 'rubbish'), {
    code: 1,
    text: /ADDRESS_INVALID/,
  })
  t.match(await attempt('--config', `${good}/a.yaml`, '--tls-cert', '/nowhere'), {
    code: 2,
    text: /--tls-key/,
  })
  t.match(await attempt('--config', `${good}/a.yaml`, '--admin', 'x'), { code: 2, text: /CLI_BAD_OPTION/ })
  t.match(await attempt('--config', `${good}/a.yaml`, '--nonsense'), { code: 2, text: /unknown option/ })
})

t.test('a host whose adapter does not open a handler says which, and where it stands', async t => {
  const taken = createServer()
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
  t.teardown(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const config = t.testdir({
    'a.yaml': documents(
      denier('x')
        .replace('compiledAdapter: denier', 'compiledAdapter: prometheus')
        .replace(
          /params: .*/,
          `params: {host: 127.0.0.1, port: ${port}, metrics: [{instanceName: nothing, kind: COUNTER}]}`,
        )
        .replace('compiledTemplate: checknothing', 'compiledTemplate: metric, params: {value: "1"}'),
    ),
  })
  const shell = new TestShell()
  t.equal(await run(['serve', '--address', '127.0.0.1:0', '--admin', 'off', '--config', config], shell), 1)
  t.match(shell.stderr, /handler_refused/)
  t.match(
    shell.stderr,
    /Adapters refuse 1 handler of .*; the first: .*a\.yaml:\d+:\d+: refuse\.handler\.istio-system.*CLI_CONFIG_REFUSED/,
  )
})

t.test('a promise that nobody minds is counted and logged, and the host lives on', async t => {
  const { shell, mixer, admin } = await serving(t, documents(denier('x')))
  shell.fault('unhandled rejection', new Error('left lying about'))
  t.match(
    shell.stderr,
    /"event":"fault","fault":"unhandled rejection","error":\{"message":"left lying about"\}/,
  )
  t.match(
    (await askAdmin(admin, 'GET', '/metrics')).body,
    /^outboard_faults_total\{fault="unhandled rejection"\} 1$/m,
  )
  t.equal((await check(mixer, '/')).code, 0)
})

t.test('what an adapter says cannot do anything to the terminal', async t => {
  const { mixer } = await serving(t, documents(denier('no\\u001b[2J\\nCheck: OK\\u009b0m')))
  const { code, text } = await check(mixer, '/secret')
  t.equal(code, 3)
  t.match(text, /PERMISSION_DENIED \(.*no\\u001b\[2J\\u000aCheck: OK\\u009b0m\)/)
})

t.test('two hosts cannot have one address', async t => {
  const { mixer, config, admin } = await serving(t, documents(denier('x')))
  const second = new TestShell()
  t.equal(await run(['serve', '--config', config, '--address', mixer, '--admin', 'off'], second), 1)
  t.match(second.stderr, /already in use.*\(ADDRESS_IN_USE\)/)
  const third = new TestShell()
  t.equal(await run(['serve', '--config', config, '--address', '127.0.0.1:0', '--admin', admin], third), 1)
  t.match(third.stderr, /CLI_ADDRESS_IN_USE/)
})

t.test('draining says no to health checks, and the command ends well', async t => {
  const probe = `${t.testdir({})}/ready`
  const { shell, ended } = await serving(
    t,
    documents(denier('x')),
    '--readiness-probe-path',
    probe,
    '--probe-interval',
    '200ms',
  )
  const probed = new TestShell()
  for (
    let tries = 0;
    tries < 100 && (await run(['probe', '--probe-path', probe, '--interval', '5s'], probed)) !== 0;
    tries++
  )
    await new Promise(resolve => setImmediate(resolve))
  shell.signal('SIGTERM')
  t.equal(await ended, 0)
  t.match(shell.stderr, /"event":"draining","reason":"SIGTERM"/)
  t.match(shell.stderr, /"event":"stopped"/)
  t.equal(
    await run(['probe', '--probe-path', probe, '--interval', '5s'], probed),
    1,
    'the probe file is gone',
  )
})

t.test('with a delay it says not ready first, and still answers', async t => {
  const { shell, mixer, admin, ended } = await serving(t, documents(denier('x')), '--drain-delay', '1s')
  shell.signal('SIGTERM')
  await shell.printed(/"event":"draining"/)
  t.equal((await fetch(`http://${admin}/readyz`)).status, 503)
  t.equal((await check(mixer, '/')).code, 0)
  t.equal(await ended, 0)
})
