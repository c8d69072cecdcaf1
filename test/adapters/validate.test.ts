import { SettingsError, type SettingsProblem } from '@outboard/adapters-sdk'
import t from 'tap'
import { builtinAdapters } from '../../src/adapters/registry.js'
import { FakeHost, rejection } from './support/fakes.js'

const counter = { instance_name: 'a.instance.test', name: 'a', kind: 'COUNTER', label_names: ['code'] }

/** What adapters refuse for more than the shape of their settings. */
const refused: readonly [adapter: string, settings: unknown, path: string, message: RegExp][] = [
  ['listchecker', { entryType: 'REGEX', overrides: ['a', '('] }, 'overrides[1]', /cannot compile "\("/],
  [
    'listchecker',
    { entryType: 'IP_ADDRESSES', overrides: ['10.0.0.0/33'] },
    'overrides[0]',
    /cannot read "10\.0\.0\.0\/33"/,
  ],
  ['memquota', {}, 'quotas', /needs an entry for "q\.instance\.test"/],
  [
    'prometheus',
    { metrics: [counter, counter] },
    'metrics[1].instanceName',
    /"a\.instance\.test" is given twice/,
  ],
  [
    'prometheus',
    { metrics: [counter, { ...counter, instance_name: 'b.instance.test', kind: 'GAUGE' }] },
    'metrics[1].name',
    /"istio_a" is defined twice/,
  ],
  [
    'prometheus',
    { metrics: [{ ...counter, namespace: 'outboard', name: 'prometheus_adapter_refused_total' }] },
    'metrics[0].name',
    /"outboard_prometheus_adapter_refused_total" is defined twice/,
  ],
  ['stdio', { log_stream: 'FILE' }, 'outputPath', /is needed/],
]

const instances = [{ name: 'q.instance.test', template: 'quota' }]

function problemsOf(error: Error): readonly SettingsProblem[] {
  if (!(error instanceof SettingsError)) throw error
  return error.problems
}

t.test(
  'what an adapter can refuse without opening a handler, it refuses in validate and in open alike',
  async t => {
    for (const [name, settings, path, message] of refused) {
      const adapter = builtinAdapters.get(name)
      if (adapter === undefined) throw new Error(name)
      const found = problemsOf(await rejection(adapter.validate(settings, instances)))
      t.match(found, [{ path, message }], `${name} ${path}`)
      const host = new FakeHost()
      host.instances = instances
      t.same(problemsOf(await rejection(adapter.open(settings, host))), found, `${name} ${path}, opening`)
    }
  },
)

t.test('what is right is accepted, and nothing is opened', async t => {
  const fine: readonly [adapter: string, settings: unknown][] = [
    ['listchecker', { providerUrl: 'http://127.0.0.1:1/', entryType: 'REGEX', overrides: ['a|b'] }],
    ['memquota', { quotas: [{ name: 'q.instance.test', max_amount: 1 }] }],
    ['prometheus', { metrics: [counter, { ...counter, instance_name: 'b.instance.test' }] }],
    ['stdio', { log_stream: 'FILE', output_path: '/nowhere/at/all' }],
  ]
  for (const [name, settings] of fine)
    t.equal(await builtinAdapters.get(name)?.validate(settings, instances), undefined, name)
})
