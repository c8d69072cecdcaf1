import t from 'tap'
import { readFolder } from '../../src/mixer/config/index.js'
import { Gate, headerRule, living } from './living.js'

const live = async () => ({ kind: 'live' }) as const

t.test('a change that happens while the first configuration is being opened is taken', async t => {
  const opening = new Gate()
  const { configuration, swapped, write, until } = living(t, headerRule('old'), async () => {
    await opening.passed
    return { kind: 'live' }
  })
  const loaded = configuration.load()
  while (swapped.length === 0) await new Promise(resolve => setImmediate(resolve))
  write(headerRule('new'))
  opening.open()
  t.equal(await loaded, true)
  configuration.watch()
  await until(() => swapped.length === 2)
  t.not(swapped[0]?.revision, swapped[1]?.revision)
})

t.test('what was loaded before the watch began is not loaded again', async t => {
  const { configuration, swapped, clock } = living(t, headerRule('old'), live)
  await configuration.load()
  configuration.watch()
  for (let i = 0; i < 20; i++) {
    clock.advance(10_000)
    await new Promise(resolve => setImmediate(resolve))
  }
  t.equal(swapped.length, 1)
})

const twoHandlers = `kind: handler
metadata: {name: first, namespace: istio-system}
spec: {compiledAdapter: noop}
---
kind: handler
metadata: {name: second, namespace: istio-system}
spec:
  compiledAdapter: prometheus
  params:
    port: 9090
---
${headerRule('any')}`

const portInUse = { path: 'port', message: 'the port is in use' }

t.test('what an adapter refused is tried again, twice as late each time, until it opens', async t => {
  let free = false
  const { configuration, swapped, clock, telemetry, write, until } = living(t, headerRule('old'), async () =>
    free || swapped.length === 1
      ? { kind: 'live' }
      : { kind: 'refused', problems: [{ handler: 'second.handler.istio-system', problems: [portInUse] }] },
  )
  await configuration.load()
  configuration.watch()
  write(twoHandlers)
  const times: number[] = []
  for (let tries = 2; tries < 9; tries++) {
    await until(() => swapped.length === tries && clock.pending > 1)
    times.push(clock.now())
  }
  const waits = times.slice(1).map((time, i) => time - (times[i] ?? 0))
  t.same(waits, [500, 1_000, 2_000, 4_000, 8_000, 10_000])
  t.ok(swapped[1] === swapped[7], 'nothing is compiled again')
  t.equal(telemetry.count('outboard_config_loads_total', { outcome: 'refused' }), 7)
  t.equal(telemetry.lines.filter(({ event }) => event === 'handler_refused').length, 1, 'told once')
  t.match(configuration.refusal, {
    by: 'adapters',
    problemCount: 1,
    problems: [
      {
        handler: 'second.handler.istio-system',
        problems: [{ ...portInUse, at: { line: 10, column: 11, path: 'spec.params.port' } }],
      },
    ],
  })
  free = true
  await until(() => configuration.refusal === undefined)
  t.equal(configuration.counts?.handlers, 2)
})

t.test('what was refused is tried no more when something newer is there', async t => {
  const { configuration, swapped, clock, write, until } = living(t, headerRule('old'), async ({ id }) =>
    id === 1
      ? { kind: 'refused', problems: [{ handler: 'second.handler.istio-system', problems: [portInUse] }] }
      : { kind: 'live' },
  )
  await configuration.load()
  configuration.watch()
  write(twoHandlers)
  await until(() => configuration.refusal !== undefined)
  write(headerRule('new'))
  await until(() => configuration.refusal === undefined)
  const tries = swapped.length
  for (let i = 0; i < 20; i++) {
    clock.advance(10_000)
    await new Promise(resolve => setImmediate(resolve))
  }
  t.equal(swapped.length, tries)
})

t.test('a load that is under way ends when something newer is found', async t => {
  let newer: Promise<boolean> | undefined
  const old = [
    'kind: handler\nmetadata: {name: far, namespace: a}\nspec: {connection: {address: 127.0.0.1:1}}\n',
    ...Array.from({ length: 50 }, (_, i) => headerRule(`r${i}`)),
  ].join('---\n')
  const { path, configuration, swapped, telemetry, write } = living(t, old, live, {
    // In the middle of the load.
    announcement: async () => {
      write(headerRule('new'))
      newer = configuration.load()
      // Longer than that one takes to read the same.
      for (let i = 0; i < 3; i++) await readFolder(path)
      return undefined
    },
  })
  await configuration.load()
  t.equal(await newer, true)
  t.equal(swapped.length, 1)
  t.equal(telemetry.count('outboard_config_loads_total', { outcome: 'refused' }), 0)
})
