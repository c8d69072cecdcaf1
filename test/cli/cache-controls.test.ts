import t from 'tap'
import { run } from '../../src/cli/index.js'
import { cacheControls } from '../../src/cli/serve/cache-controls.js'
import { check, denier, documents, serving } from './serving.js'
import { TestShell } from './shell.js'

const ids = [
  'callers.handler.istio-system',
  'limits.handler.shop',
  'limits.handler.bank',
  'v1.callers.denier.shop',
  'odd',
]

function controls() {
  const done: unknown[] = []
  const cache = {
    flush: () => done.push('everything'),
    invalidate: (handler: string, key: string | undefined) => done.push([handler, key]),
    explain: () => ({ entries: 0, bytes: 0, hitRatio: 0, shapes: [], splits: [] }),
  }
  return { done, flush: cacheControls(cache, () => ids).flush }
}

t.test('a handler is flushed by its id, and by shorter forms that no other has', async t => {
  const names = {
    'callers.handler.istio-system': 'callers.handler.istio-system',
    'callers.istio-system': 'callers.handler.istio-system',
    callers: 'callers.handler.istio-system',
    'limits.bank': 'limits.handler.bank',
    'v1.callers.shop': 'v1.callers.denier.shop',
    'v1.callers': 'v1.callers.denier.shop',
    odd: 'odd',
  }
  for (const [name, id] of Object.entries(names)) {
    const { done, flush } = controls()
    t.same(flush(name, 'k'), { kind: 'flushed', handler: id })
    t.same(done, [[id, 'k']], name)
  }
  const { done, flush } = controls()
  t.same(flush(undefined, undefined), { kind: 'flushed', handler: undefined })
  t.same(done, ['everything'])
})

t.test('a name that no handler has, or several have, flushes nothing', async t => {
  const { done, flush } = controls()
  t.same(flush('callers.handler.istio-sytem', undefined), {
    kind: 'unknown',
    nearest: 'callers.handler.istio-system',
  })
  t.same(flush('caller', undefined), { kind: 'unknown', nearest: 'callers' })
  t.same(flush('nothing like it', undefined), { kind: 'unknown', nearest: undefined })
  t.same(flush('limits', undefined), {
    kind: 'ambiguous',
    ids: ['limits.handler.shop', 'limits.handler.bank'],
  })
  t.same(flush('', undefined), { kind: 'unknown', nearest: undefined })
  t.same(done, [])
})

t.test('outboard cache flush withdraws what a handler gave, and fails for one that is not there', async t => {
  const { mixer, admin } = await serving(t, documents(denier('closed')))
  const asked = async () => {
    await check(mixer, '/secret')
    const shell = new TestShell()
    await run(['cache', 'explain', '--admin', admin], shell)
    return JSON.parse(shell.stdout).hitRatio
  }
  const flush = async (handler: string) => {
    const shell = new TestShell()
    return { code: await run(['cache', 'flush', '--admin', admin, '--handler', handler], shell), shell }
  }
  t.equal(await asked(), 0)
  t.equal(await asked(), 1 / 2)
  const misspelt = await flush('refuse.handler.istio-sytem')
  t.equal(misspelt.code, 1)
  t.match(misspelt.shell.stderr, /ADMIN_UNKNOWN_HANDLER.*did you mean ."refuse\.handler\.istio-system/s)
  t.equal(await asked(), 2 / 3, 'nothing was flushed')
  const short = await flush('refuse.istio-system')
  t.equal(short.code, 0)
  t.match(short.shell.stdout, /"flushed": "refuse\.handler\.istio-system"/)
  t.equal(await asked(), 2 / 4, 'the handler is asked again')
})
