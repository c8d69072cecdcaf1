import t from 'tap'
import { accepted, loadText, refusal } from './load.js'

/** A handler of an adapter with an instance and a rule that sends it there. */
function routed(adapter: string, params: string, template: string, instanceParams = '{}'): string {
  return `kind: handler
metadata: {name: h, namespace: s}
spec:
  compiledAdapter: ${adapter}
  params:
    ${params}
---
kind: instance
metadata: {name: i, namespace: s}
spec: {compiledTemplate: ${template}, params: ${instanceParams}}
---
kind: rule
metadata: {name: r, namespace: s}
spec: {actions: [{handler: h, instances: [i]}]}
`
}

const cases: readonly [what: string, text: string, problem: string][] = [
  [
    'a network that is none',
    routed(
      'listchecker',
      'overrides: ["10.0.0.0/8", 10.0.0.0/33]\n    entryType: IP_ADDRESSES',
      'listentry',
      '{value: source.user}',
    ),
    'CONFIG_SETTINGS_INVALID 6:31 spec.params.overrides[1]',
  ],
  [
    'an expression that does not compile',
    routed('listchecker', 'overrides: ["("]\n    entryType: REGEX', 'listentry', '{value: source.user}'),
    'CONFIG_SETTINGS_INVALID 6:17 spec.params.overrides[0]',
  ],
  [
    'no limit for an instance that a rule sends there',
    routed('memquota', 'quotas: [{name: other, maxAmount: 1}]', 'quota'),
    'CONFIG_SETTINGS_INVALID 6:13 spec.params.quotas',
  ],
  [
    'one name for two kinds of metric',
    routed(
      'prometheus',
      'metrics:\n    - {instanceName: i.instance.s, kind: COUNTER, name: a}\n    - {instanceName: j.instance.s, kind: GAUGE, name: a}',
      'metric',
      '{value: "1"}',
    ),
    'CONFIG_SETTINGS_INVALID 8:55 spec.params.metrics[1].name',
  ],
]

for (const [what, text, problem] of cases)
  t.test(`validating finds what the adapter would refuse when it opens: ${what}`, async t => {
    t.same(refusal(await loadText(text)), [problem])
  })

t.test('settings are validated of handlers that no rule names, too', async t => {
  const [handler = ''] = cases[1]?.[1].split('---') ?? []
  t.same(refusal(await loadText(handler)), [cases[1]?.[2]])
})

t.test('settings whose shape is wrong are told once', async t => {
  const text = routed(
    'listchecker',
    'overrides: ["("]\n    entryType: REGEXP',
    'listentry',
    '{value: source.user}',
  )
  t.same(refusal(await loadText(text)), ['CONFIG_SETTINGS_INVALID 7:16 spec.params.entryType'])
})

t.test('settings that the adapter takes are taken', async t => {
  const text = routed('memquota', 'quotas: [{name: i.instance.s, maxAmount: 1}]', 'quota')
  t.equal(accepted(await loadText(text)).counts.handlers, 1)
})
