import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allow, defineAdapter, deny, settings } from '@outboard/adapters-sdk'
import { serve } from '@outboard/adapters-sdk/serve'
import t from 'tap'
import { askAdmin } from '../../src/cli/admin-client.js'
import { run } from '../../src/cli/index.js'
import { check, denier, documents, serving } from './serving.js'
import { TestShell } from './shell.js'

/** An adapter with a template of its own, which nobody but it can describe. */
const asker = defineAdapter({
  name: 'asker',
  version: '1.0.0',
  description: 'Lets pass what asks for /open.',
  templates: [
    {
      name: 'ask',
      packageName: 'ask',
      variety: 'CHECK',
      methodPath: '/ask.HandleAskService/HandleAsk',
      instance: {
        fullName: 'ask.InstanceMsg',
        fields: [{ name: 'path', jsonName: 'path', number: 1, type: { kind: 'scalar', scalar: 'string' } }],
      },
      output: undefined,
    },
  ],
  settings: settings.object({}),
  open: () => ({
    check: ({ fields }) => (fields.path === '/open' ? allow() : deny('PERMISSION_DENIED', 'not /open')),
  }),
})

function asks(address: string): string {
  return documents(`
apiVersion: config.istio.io/v1alpha2
kind: handler
metadata: {name: asker, namespace: istio-system}
spec: {connection: {address: "${address}"}}
---
apiVersion: config.istio.io/v1alpha2
kind: instance
metadata: {name: path, namespace: istio-system}
spec: {template: ask, params: {path: request.path}}
---
apiVersion: config.istio.io/v1alpha2
kind: rule
metadata: {name: ask, namespace: istio-system}
spec: {actions: [{handler: asker, instances: [path]}]}
`)
}

t.test('a host waits for an adapter that alone can say what it is asked', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'outboard-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const address = `unix://${folder}/ask.sock`
  const config = t.testdir({ 'all.yaml': asks(address) })
  const shell = new TestShell()
  const flags = ['--address', '127.0.0.1:0', '--admin', 'off', '--drain-timeout', '2s']
  const ended = run(['serve', '--config', config, ...flags], shell)
  await shell.printed(/CONFIG_ADAPTER_UNREACHABLE/)
  const adapter = await serve(asker, { address, log: () => {} })
  t.teardown(() => adapter.close())
  const [, mixer = ''] = await shell.printed(/"event":"listening","addresses":\["([^"]+)"/)
  t.match((await check(mixer, '/open')).text, 'Check: OK')
  t.match((await check(mixer, '/shut')).text, 'PERMISSION_DENIED (asker.handler.istio-system:not /open)')
  shell.signal('SIGTERM')
  t.equal(await ended, 0)
})

t.test('a signal while the host waits for its adapters ends it', async t => {
  const shell = new TestShell()
  const config = t.testdir({ 'all.yaml': asks('127.0.0.1:1') })
  const ended = run(['serve', '--config', config, '--address', '127.0.0.1:0', '--admin', 'off'], shell)
  await shell.printed(/CONFIG_ADAPTER_UNREACHABLE/)
  shell.signal('SIGINT')
  t.equal(await ended, 0)
})

t.test('a host is not ready while a handler was never reached, and says which', async t => {
  const yaml = documents(
    denier('x').replace(
      'compiledAdapter: denier',
      'compiledAdapter: denier\n  connection: {address: "127.0.0.1:1"}\n  placement: session',
    ),
  )
  const { mixer, admin } = await serving(t, yaml)
  const { status, body } = await askAdmin(admin, 'GET', '/readyz')
  t.equal(status, 503)
  t.match(JSON.stringify(body), 'not reached yet: refuse.handler.istio-system')
  t.match(await check(mixer, '/secret'), { code: 1, text: /INTERNAL/ }, 'by default the proxy decides')
})
