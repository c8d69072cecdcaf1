import t from 'tap'
import { run } from '../../src/cli/index.js'
import { adminUnavailable, parseAdminAddress } from '../../src/cli/serve/admin-address.js'
import { denier, documents } from './serving.js'
import { TestShell } from './shell.js'

t.test('an admin address has a host and a port', t => {
  t.same(parseAdminAddress('127.0.0.1:0'), { host: '127.0.0.1', port: 0 })
  t.same(parseAdminAddress('[::1]:15014'), { host: '::1', port: 15_014 })
  t.same(parseAdminAddress('localhost:1'), { host: 'localhost', port: 1 })
  for (const wrong of [
    '',
    'x',
    ':',
    ':21699',
    '[]:1',
    '127.0.0.1',
    '127.0.0.1:',
    'x:-1',
    'x:65536',
    'x: 1',
    'x:1e3',
  ])
    t.throws(() => parseAdminAddress(wrong), { code: 'CLI_BAD_OPTION' }, wrong)
  t.throws(() => parseAdminAddress(':21699'), { message: /0\.0\.0\.0:21699 for every interface/ })
  t.end()
})

t.test('an admin port that cannot be opened says why by its code', async t => {
  t.match(adminUnavailable(Object.assign(new Error('taken'), { code: 'EADDRINUSE' })), {
    code: 'CLI_ADDRESS_IN_USE',
    message: 'Cannot open the admin port: taken',
  })
  const config = t.testdir({ 'a.yaml': documents(denier('x')) })
  for (const [admin, code] of [
    ['999.1.1.1:1', 'ADDRESS_UNAVAILABLE'],
    [':21699', 'CLI_BAD_OPTION'],
    ['127.0.0.1:', 'CLI_BAD_OPTION'],
  ] as const) {
    const shell = new TestShell()
    await run(['serve', '--config', config, '--address', '127.0.0.1:0', '--admin', admin], shell)
    t.match(shell.stderr, `(${code})`, admin)
  }
  const shell = new TestShell()
  const processes = ['--processes', '2', '--admin', '127.0.0.1:65535']
  t.equal(await run(['serve', '--config', config, '--address', '127.0.0.1:0', ...processes], shell), 2)
  t.match(shell.stderr, /"127\.0\.0\.1:65536"/)
})
