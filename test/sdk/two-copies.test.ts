import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type Adapter,
  AdapterError,
  builtinTemplate,
  encodeInstance,
  SettingsError,
} from '@outboard/adapters-sdk'
import { serve } from '@outboard/adapters-sdk/serve'
import t, { type Test } from 'tap'
import { calls, check, configure, memoryProcess, settled } from './support/memory-session.js'
import { hello, unary } from './support/raw-host.js'
import { field } from './support/wire.js'

/** An adapter in a folder with a copy of the SDK of its own, as `npm install` makes one. */
async function foreign(t: Test): Promise<Adapter> {
  const dir = t.testdir({
    'adapter.mjs': `import { AdapterError, defineAdapter, SettingsError, settings } from './sdk/index.js'
      export const adapter = defineAdapter({
        name: 'foreign', version: '1', description: '', templates: ['listentry'],
        settings: settings.object({ size: settings.integer({ max: 5, default: 1 }) }),
        open({ size }) {
          if (size === 4) throw new SettingsError([{ message: 'not four' }])
          return {
            check() {
              throw new AdapterError(size === 3 ? 'MY_OWN_CODE' : 'ADAPTER_UNAVAILABLE', 'the list is away')
            },
          }
        },
      })`,
  })
  cpSync('adapters-sdk/dist', join(dir, 'sdk'), { recursive: true })
  const { adapter } = await import(pathToFileURL(join(dir, 'adapter.mjs')).href)
  return adapter
}

t.test('Errors of another copy of the SDK are known for what they are', async t => {
  const adapter = await foreign(t)
  const host = memoryProcess(adapter).open()
  host.send(hello, configure(1, 1, { size: 6 }), configure(2, 1, { size: 4 }), configure(3, 1, {}))
  await settled()
  t.match(host.take(), [
    { kind: 'hello' },
    { kind: 'refused', handler: 1, retryable: false, problems: [{ path: 'size', message: /at most 5/ }] },
    { kind: 'refused', handler: 2, retryable: false, problems: [{ path: '', message: 'not four' }] },
    { kind: 'ready', handler: 3 },
  ])
  host.send(calls(check(1, 'x', { handler: 3 })))
  await settled()
  t.match(host.take(), [{ results: [{ code: 'ADAPTER_UNAVAILABLE', message: 'the list is away' }] }])
  host.send(configure(4, 1, { size: 3 }))
  await settled()
  host.send(calls(check(2, 'x', { handler: 4 })))
  await settled()
  t.match(host.take(), [
    { kind: 'ready' },
    { results: [{ code: 'ADAPTER_CRASHED', message: 'the list is away' }] },
  ])
})

t.test('A unary caller hears of them by the same codes', async t => {
  const served = await serve(await foreign(t), { log: () => {} })
  t.teardown(() => served.close())
  const listentry = builtinTemplate('listentry')
  if (listentry === undefined) throw new Error('listentry is gone')
  const instance = encodeInstance(listentry, { name: 'i.instance.ns', template: 'listentry', fields: {} })
  await t.rejects(unary(served.address, listentry.methodPath, field(1, instance)), {
    code: 14,
    details: 'the list is away',
  })
})

t.test('A class that extends one of them knows only its own', async t => {
  class Mine extends AdapterError {}
  const mine = new Mine('ADAPTER_TIMEOUT', 'late')
  const plain = new AdapterError('ADAPTER_TIMEOUT', 'late')
  t.ok(mine instanceof Mine)
  t.ok(mine instanceof AdapterError)
  t.notOk(plain instanceof Mine)
  t.notOk(plain instanceof SettingsError)
  t.ok(new SettingsError([]) instanceof SettingsError)
  const others: readonly unknown[] = [undefined, null, 7, 'text', new Error('no'), {}]
  for (const other of others) t.notOk(other instanceof AdapterError)
})
