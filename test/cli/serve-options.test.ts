import t from 'tap'
import { doorsOptions } from '../../src/cli/serve/doors.js'
import { translateIstioFlags } from '../../src/cli/serve/istio-flags.js'
import { optionNames, resolveServeOptions, variableOf } from '../../src/cli/serve/resolve.js'

const nothing = { flags: {}, env: {}, settingsFile: undefined }

t.test('without anything given, every option has its default', async t => {
  const options = resolveServeOptions(nothing)
  t.match(options, {
    address: '127.0.0.1:9091',
    admin: '127.0.0.1:15014',
    maxMessageSize: 1_048_576,
    drainTimeout: 10_000,
    cache: 'on',
    traceSamplingRate: 0,
  })
  t.equal(options.config, undefined)
  t.same(Object.keys(options).sort(), [...optionNames()].sort(), 'none is left out')
})

t.test(
  'a flag is stronger than its variable, that than the settings file, that than the default',
  async t => {
    const settings = `${t.testdir({ 'outboard.yaml': 'logLevel: error\nburst: 7\ndrainTimeout: 3s\nwatch: false\n' })}/outboard.yaml`
    const options = resolveServeOptions({
      flags: { logLevel: 'debug' },
      env: { OUTBOARD_LOG_LEVEL: 'warn', OUTBOARD_BURST: '9', OUTBOARD_SETTINGS: settings },
      settingsFile: undefined,
    })
    t.match(options, { logLevel: 'debug', burst: 9, drainTimeout: 3_000, watch: 'off', maxInFlight: 20_000 })
  },
)

t.test('a value that cannot be names where it came from', async t => {
  const wrong = (text: string) => `${t.testdir({ 'x.yaml': text })}/x.yaml`
  t.throws(() => resolveServeOptions({ ...nothing, flags: { processes: '0' } }), {
    code: 'CLI_BAD_OPTION',
    message: /--processes "0"/,
  })
  t.throws(() => resolveServeOptions({ ...nothing, env: { OUTBOARD_DRAIN_TIMEOUT: 'soon' } }), {
    code: 'CLI_BAD_OPTION',
    message: /OUTBOARD_DRAIN_TIMEOUT "soon"/,
  })
  t.throws(() => resolveServeOptions({ ...nothing, flags: { traceSamplingRate: '1.1' } }), {
    code: 'CLI_BAD_OPTION',
  })
  t.throws(() => resolveServeOptions({ ...nothing, flags: { logLevel: 'loud' } }), { code: 'CLI_BAD_OPTION' })
  t.throws(() => resolveServeOptions({ ...nothing, settingsFile: wrong('logLevel: loud') }), {
    message: /logLevel in .*x\.yaml/,
  })
  t.throws(() => resolveServeOptions({ ...nothing, settingsFile: wrong('loglevel: info') }), {
    message: /"loglevel", which there is not/,
  })
  t.throws(() => resolveServeOptions({ ...nothing, settingsFile: wrong('address: [a]') }), {
    code: 'CLI_BAD_OPTION',
  })
  t.throws(() => resolveServeOptions({ ...nothing, settingsFile: wrong('- a') }), {
    code: 'CLI_FILE_UNREADABLE',
  })
  t.throws(() => resolveServeOptions({ ...nothing, settingsFile: wrong('a: : b') }), {
    code: 'CLI_FILE_UNREADABLE',
  })
  t.throws(() => resolveServeOptions({ ...nothing, settingsFile: '/nowhere' }), {
    code: 'CLI_FILE_UNREADABLE',
  })
})

t.test('an option’s variable is its name in capitals', async t => {
  t.equal(variableOf('drainTimeout'), 'OUTBOARD_DRAIN_TIMEOUT')
  t.equal(variableOf('config'), 'OUTBOARD_CONFIG')
})

t.test('the flags of Istio’s server mean the same here', async t => {
  t.same(
    translateIstioFlags([
      'serve',
      '--configStoreURL=fs:///etc/mixer',
      '--port',
      '9092',
      '--monitoringPort=0',
      '--burst',
      '3',
    ]),
    ['serve', '--config', '/etc/mixer', '--address', '0.0.0.0:9092', '--admin', '0.0.0.0:0', '--burst', '3'],
  )
  t.same(translateIstioFlags(['--numCheckCacheEntries', '0']), ['--cache', 'off'])
  t.equal(resolveServeOptions({ ...nothing, flags: { logLevel: 'default:debug' } }).logLevel, 'debug')
})

t.test('who reports an access log is told by its name, and otherwise as for checks', async t => {
  const flags = { envoyReporterKind: 'outbound', envoyLogReporterKind: 'web=inbound, a=b=outbound' }
  const { als, extAuthz } = doorsOptions(resolveServeOptions({ ...nothing, flags }))
  t.match(als, { reporterKind: 'outbound', reporterKinds: { web: 'inbound', 'a=b': 'outbound' } })
  t.match(extAuthz, { reporterKind: 'outbound' })
  t.same(doorsOptions(resolveServeOptions(nothing)).als?.reporterKinds, {})
  for (const wrong of ['web', 'web=', '=inbound', 'web=both', 'web=inbound,'])
    t.throws(() => resolveServeOptions({ ...nothing, flags: { envoyLogReporterKind: wrong } }), {
      code: 'CLI_BAD_OPTION',
      message: /--envoy-log-reporter-kind/,
    })
})
