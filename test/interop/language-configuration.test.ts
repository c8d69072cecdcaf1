import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { document, instance, rule } from './support/documents.js'
import { descriptorSet, goExample, pythonExample } from './support/examples.js'
import { missing } from './support/needed.js'
import { type Host, host, outboard } from './support/outboard.js'

const skip = missing('python', 'go-listentry') ?? false

/** What `outboard check` says of a request of this user. */
async function checked(t: Test, { address }: Host, user: string): Promise<string> {
  const child = outboard(
    'check',
    '--mixer',
    address,
    '--stringmap_attributes',
    `request.headers=user:${user}`,
  )
  t.teardown(() => child.end())
  await child.says(/\nended: \d+/)
  return child.output
}

t.test('a handler document that names only an address', { skip }, async t => {
  const { address } = await pythonExample(t, 'python-session', 'names')

  t.test('adapter describe shows what the adapter says of itself', async t => {
    const child = outboard('adapter', 'describe', address)
    await child.says(/\nended: 0/)
    t.match(child.output, `python-session 1.0.0 at ${address}`)
    t.match(child.output, 'names 1.0.0: Lets known names pass.')
    t.match(child.output, 'template  listentry (CHECK)')
    t.match(child.output, /setting {3}names \(array\): Who may pass/)
  })

  t.test('works: no descriptor is pasted anywhere', async t => {
    const running = await host(t, [
      document('handler', 'known', {
        connection: { address },
        params: { names: ['alice'], keepSeconds: 30 },
      }),
      instance('who', 'listentry', { value: 'request.headers["user"] | "nobody"' }),
      rule('known', 'true', ['known', 'who']),
    ])
    t.match(await checked(t, running, 'alice'), /Check: OK\nValid for 30s/)
    t.match(
      await checked(t, running, 'mallory'),
      'Check: PERMISSION_DENIED (known.handler.istio-system:mallory is not known here)',
    )
    t.match(running.child.output, '1 names are known', 'its line is in the log of the host')
  })

  t.test('settings that the adapter refuses keep the host from starting, with the path', async t => {
    const starting = host(t, [
      document('handler', 'known', { connection: { address }, params: { name: ['alice'] } }),
      instance('who', 'listentry', { value: '"x"' }),
      rule('known', 'true', ['known', 'who']),
    ])
    await t.rejects(starting, {
      message: /"problems":\[\{"path":"name","message":"there is no such setting"/,
    })
  })
})

t.test('Istio’s adapter and template documents, with descriptors in base64', { skip }, async t => {
  const [template, config] = await Promise.all([
    descriptorSet(t, 'istio/mixer/template/listentry.proto'),
    descriptorSet(t, 'names.proto'),
  ])
  const documents = (address: string, params: unknown) => [
    document('template', 'who', { descriptor: template }),
    document('adapter', 'names', {
      description: 'lets known names pass',
      session_based: false,
      templates: ['who'],
      config,
    }),
    document('handler', 'known', { adapter: 'names', connection: { address }, params }),
    document('instance', 'caller', {
      template: 'who',
      params: { value: 'request.headers["user"] | "nobody"' },
    }),
    rule('known', 'true', ['known', 'caller']),
  ]
  const adapters = {
    Go: await goExample(t, 'names'),
    Python: await pythonExample(t, 'python-unary', 'names'),
  }

  for (const [language, { address }] of Object.entries(adapters))
    t.test(`an adapter in ${language} gets its settings and its questions`, async t => {
      const running = await host(t, documents(address, { names: ['alice'], keep_seconds: 30 }))
      t.match(await checked(t, running, 'alice'), /Check: OK\nValid for 30s/)
      t.match(
        await checked(t, running, 'mallory'),
        'Check: PERMISSION_DENIED (known.handler.istio-system:mallory is not known here)',
      )
    })

  t.test('settings are checked against the descriptor before anything starts', async t => {
    const starting = host(t, documents(adapters.Go.address, { names: 'alice', keep_minutes: 1 }))
    await t.rejects(starting, { message: /params\.keep_minutes/ })
  })
})

t.test('the documents in docs/other-languages.md work as they stand there', { skip }, async t => {
  const fences = [...readFileSync('docs/other-languages.md', 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)]
  const yaml = fences.map(([, text = '']) => text.replaceAll(/^ {3}/gm, ''))
  t.equal(yaml.length, 2)
  const [services = '', session = ''] = yaml
  const started = {
    go: await goExample(t, 'names'),
    python: await pythonExample(t, 'python-session', 'names'),
  }
  for (const [text, written, { address }] of [
    [services, '127.0.0.1:9203', started.go],
    [session, '127.0.0.1:9201', started.python],
  ] as const) {
    const running = await host(t, [
      text.replace(written, address),
      instance('who', 'listentry', { value: 'request.headers["user"] | "nobody"' }),
      rule('known', 'true', ['known', 'who']),
    ])
    t.match(await checked(t, running, 'alice'), /Check: OK\nValid for 30s/, written)
    t.match(await checked(t, running, 'mallory'), 'mallory is not known here')
  }
})
