import t from 'tap'
import { askAdmin } from '../../src/cli/admin-client.js'
import { run } from '../../src/cli/index.js'
import { eventually, freePort, noRedis, RedisServer } from '../support/redis.js'
import { check, denier, documents, type Serving, serving } from './serving.js'
import { TestShell } from './shell.js'

/** The sum of all series whose text begins so. */
async function metric({ admin }: Serving, series: string): Promise<number> {
  const { body } = await askAdmin(admin, 'GET', '/metrics')
  return String(body)
    .split('\n')
    .filter(line => line.startsWith(series))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

const kept = 'outboard_cache_kept_total{tier="redis"}'
const asked = 'outboard_handler_calls_total{handler="refuse.handler.istio-system"'

t.test('two hosts with one --redis share a verdict', { skip: noRedis ?? false }, async t => {
  const redis = await new RedisServer(await freePort(), t.testdir({})).start()
  t.teardown(() => redis.stop())
  const yaml = documents(denier('closed').replace('params: {', 'params: {validDuration: 600s, '))
  // The wait is long, because a loaded machine is not what is tested.
  const flags = ['--redis', redis.url, '--redis-namespace', 'cli', '--redis-wait', '5s']
  const connected = async (host: Serving) => {
    await eventually(async () => {
      const { body } = await askAdmin(host.admin, 'GET', '/status')
      return JSON.stringify(body).includes('"secondTier":{"state":"ready"')
    }, 'the host has reached Redis')
    return host
  }
  const one = await connected(await serving(t, yaml, ...flags))
  t.equal((await check(one.mixer, '/secret')).code, 3)
  await eventually(async () => (await metric(one, kept)) > 0, 'the verdict is in Redis')
  t.equal(await metric(one, asked), 1, 'its adapter was asked')
  const other = await connected(await serving(t, yaml, ...flags))
  t.match(await check(other.mixer, '/secret'), { code: 3, text: /refuse\.istio-system:closed/ })
  t.equal(await metric(other, asked), 0, 'the other host’s adapter was not')
})

t.test(
  'the status for people says whether Redis is used, and why not',
  { skip: noRedis ?? false },
  async t => {
    const redis = new RedisServer(await freePort(), t.testdir({}))
    t.teardown(() => redis.stop())
    const { admin } = await serving(t, documents(denier('closed')), '--redis', redis.url)
    const status = async () => {
      const shell = new TestShell()
      await run(['status', '--admin', admin], shell)
      return shell.stdout
    }
    const shows = (line: RegExp) => eventually(async () => line.test(await status()), String(line))
    await shows(/^shared cache {3}redis: connecting \(ECONNREFUSED\)$/m)
    const flush = new TestShell()
    t.equal(await run(['cache', 'flush', '--admin', admin], flush), 0)
    await shows(/^shared cache {3}redis: connecting \(ECONNREFUSED\), withdrawals waiting: 1$/m)
    await redis.start()
    await shows(/^shared cache {3}redis: ready$/m)
  },
)

t.test('a --redis that cannot be is refused without showing a password', async t => {
  const config = t.testdir({ 'all.yaml': documents(denier('closed')) })
  const wrong = [
    ['--redis', 'http://user:s3cret@127.0.0.1:6379'],
    ['--redis', 'redis://user:s3c:ret/@127.0.0.1:wrong'],
    ['--redis', 'user:s3cret@127.0.0.1:6379'],
    ['--redis', 'cluster:user:s3c,ret@127.0.0.1:6379'],
    ['--redis', 'sentinel:main@:s3cret@127.0.0.1:26379'],
    ['--redis', 'sentinel:127.0.0.1:26379'],
    ['--redis', 'cluster:127.0.0.1'],
    ['--redis-namespace', 'a b'],
    ['--redis-wait', '0'],
    ['--redis-wait', '1.5ms'],
  ]
  for (const flags of wrong) {
    const shell = new TestShell()
    t.equal(await run(['serve', '--config', config, ...flags], shell), 2, flags.join(' '))
    t.match(shell.stderr, `Cannot use ${flags[0]}`)
    t.match(shell.stderr, 'CLI_BAD_OPTION')
    t.notMatch(shell.stderr, /s3c|ret@/, 'no password')
  }
})
