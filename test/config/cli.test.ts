import { join } from 'node:path'
import t from 'tap'
import { runExplain } from '../../src/cli/explain.js'
import { runValidate } from '../../src/cli/validate.js'
import { fixtures } from './load.js'

/** A terminal that remembers. */
function terminal() {
  const written = { out: '', err: '' }
  return {
    written,
    out: (text: string) => {
      written.out += text
    },
    err: (text: string) => {
      written.err += text
    },
  }
}

t.test('validate says what would be loaded', async t => {
  const io = terminal()
  t.equal(await runValidate({ path: join(fixtures, 'istio-stock'), json: false }, io), 0)
  t.match(
    io.written.out,
    /is valid: 8 rules, 3 handlers, 11 instances, 0 templates, 0 adapters; revision [0-9a-f]{12}/,
  )
  t.equal(io.written.err, '')
})

t.test('validate lists what it leaves alone', async t => {
  const io = terminal()
  t.equal(await runValidate({ path: join(fixtures, 'all-kinds'), json: false }, io), 0)
  t.match(io.written.out, /built-in\.yml:47:7: note: ignored: kind "ConfigMap" is not ours/)
})

t.test('validate names file, line and column of a mistake', async t => {
  const io = terminal()
  t.equal(await runValidate({ path: join(fixtures, 'mistakes/unknown-handler'), json: false }, io), 1)
  t.equal(io.written.out, '')
  t.match(io.written.err, /config\.yaml:14:14: CONFIG_UNKNOWN_HANDLER: .*did you mean "deny"\?/)
  t.match(io.written.err, /it would have: when request\.method == "POST" holds, ask deni about nothing/)
  t.match(io.written.err, /1 problem: nothing would be loaded/)
})

t.test('validate speaks JSON', async t => {
  const good = terminal()
  t.equal(await runValidate({ path: join(fixtures, 'istio-stock'), json: true }, good), 0)
  t.match(JSON.parse(good.written.out), { valid: true, counts: { rules: 8 }, notes: [] })
  const bad = terminal()
  t.equal(await runValidate({ path: join(fixtures, 'mistakes/bad-expression'), json: true }, bad), 1)
  t.match(JSON.parse(bad.written.out), {
    valid: false,
    problemCount: 1,
    problems: [{ code: 'CONFIG_BAD_EXPRESSION', at: { line: 12, column: 38, path: 'spec.match' } }],
  })
})

t.test('validate refuses a path that is not there', async t => {
  const io = terminal()
  t.equal(await runValidate({ path: join(fixtures, 'nowhere'), json: false }, io), 1)
  t.match(io.written.err, /CONFIG_SOURCE_UNREADABLE/)
})

const attributes = {
  'context.protocol': 'http',
  'request.method': 'POST',
  'request.path': '/items/7',
  'destination.namespace': 'shop',
  'destination.service.name': 'cart',
  'destination.service.namespace': 'shop',
  'source.ip': '10.0.0.1',
  'response.code': 200,
  nope: 1,
}

t.test('explain says which rules match, and why the others do not', async t => {
  const root = t.testdir({ 'attributes.json': JSON.stringify(attributes) })
  const io = terminal()
  const options = { path: join(fixtures, 'all-kinds'), attributesFile: join(root, 'attributes.json') }
  t.equal(await runExplain({ ...options, json: false }, io), 0)
  const { out } = io.written
  t.match(out, /ignored attribute nope: not declared/)
  t.match(out, /rules of istio-system and shop apply/)
  t.match(out, /weigh\.rule\.istio-system \(produce, check\): matches/)
  t.match(
    out,
    /count-cel\.rule\.shop \(report\): does not match: request\.size > 10 is false\n {4}request\.size is absent/,
  )
  t.match(
    out,
    /report: console\.handler\.shop \(stdio, in-process\) is asked about hits\.instance\.shop\n {4}value: 1/,
  )
  t.match(out, /address: "10\.0\.0\.1"/)
  t.match(out, /request header x-parcel-class: replace "none"/)
  t.match(out, /a caller that names no quotas is charged: older-quota 2/)
})

t.test('explain speaks JSON', async t => {
  const root = t.testdir({ 'attributes.yaml': 'context.protocol: tcp\nconnection.event: continue\n' })
  const io = terminal()
  const options = { path: join(fixtures, 'istio-stock'), attributesFile: join(root, 'attributes.yaml') }
  t.equal(await runExplain({ ...options, json: true }, io), 0)
  const { rules } = JSON.parse(io.written.out)
  const named = (name: string) =>
    rules.find((rule: { name: string }) => rule.name === `${name}.rule.istio-system`)
  t.match(named('promtcp'), {
    outcome: { kind: 'matches' },
    questions: [
      { handler: 'prometheus.handler.istio-system', instance: 'tcpbytesent.instance.istio-system' },
      { instance: 'tcpbytereceived.instance.istio-system', fields: { value: 0 } },
    ],
  })
  t.match(named('promtcpconnectionopen'), {
    outcome: {
      kind: 'false',
      conjunct: '((connection.event | "na") == "open")',
      looked: ['connection.event is "continue"'],
    },
    questions: [],
  })
})

t.test('explain tells of a match that has no value', async t => {
  const root = t.testdir({
    'attributes.json': '{}',
    'rule.yaml': `kind: rule
metadata: {name: r, namespace: istio-system}
spec:
  match: "(source.uid | \\"\\") == \\"\\" && request.size > 10"
  onMatchFailure: fail
  requestHeaderOperations: [{name: x, operation: REMOVE}]
`,
  })
  const io = terminal()
  const options = { path: join(root, 'rule.yaml'), attributesFile: join(root, 'attributes.json') }
  t.equal(await runExplain({ ...options, json: false }, io), 0)
  t.match(
    io.written.out,
    /leaves the check undecided: request\.size > 10 has no value: .*\n {4}request\.size is absent/,
  )
})

t.test(
  'explain says what a match without a value does to checks, reports and quotas, and not to shadows',
  async t => {
    const rule = (name: string, more: string) => `---
kind: rule
metadata: {name: ${name}, namespace: istio-system}
spec: {match: request.size > 10, onMatchFailure: fail, ${more}}
`
    const root = t.testdir({
      'attributes.json': '{}',
      'rule.yaml': [
        'kind: handler\nmetadata: {name: h, namespace: istio-system}\nspec: {compiledAdapter: noop}\n',
        '---\nkind: instance\nmetadata: {name: c, namespace: istio-system}\nspec: {compiledTemplate: checknothing}\n',
        '---\nkind: instance\nmetadata: {name: r, namespace: istio-system}\nspec: {compiledTemplate: reportnothing}\n',
        '---\nkind: instance\nmetadata: {name: q, namespace: istio-system}\nspec: {compiledTemplate: quota}\n',
        rule('reports', 'actions: [{handler: h, instances: [r]}]'),
        rule('charges', 'actions: [{handler: h, instances: [q]}]'),
        rule('all', 'actions: [{handler: h, instances: [c, r]}]'),
        rule('shadows', 'enforcement: shadow, actions: [{handler: h, instances: [c, r]}]'),
      ].join(''),
    })
    const io = terminal()
    const options = { path: join(root, 'rule.yaml'), attributesFile: join(root, 'attributes.json') }
    t.equal(await runExplain({ ...options, json: false }, io), 0)
    const { out } = io.written
    t.match(out, /reports\.rule\.istio-system \(report\): fails the report: request/)
    t.match(out, /charges\.rule\.istio-system \(quota\): fails the quotas: request/)
    t.match(
      out,
      /all\.rule\.istio-system \(check, report\): leaves the check undecided, fails the report: request/,
    )
    t.match(
      out,
      /shadows\.rule\.istio-system \(check, report, shadow\): does not match; enforced it would leave the check undecided, fail the report: request/,
    )
  },
)

t.test('explain writes durations, times, addresses and maps as eval does', async t => {
  const root = t.testdir({
    'attributes.yaml': `request.time: "2024-01-02T03:04:05.5Z"
response.duration: 1.5s
source.ip: "::1"
source.labels: {app: cart}
request.size: 7
`,
    'rule.yaml': `kind: handler
metadata: {name: h, namespace: istio-system}
spec: {compiledAdapter: stdio}
---
kind: instance
metadata: {name: i, namespace: istio-system}
spec:
  compiledTemplate: logentry
  params:
    severity: '"info"'
    timestamp: request.time
    variables: {took: response.duration, at: request.time, from: source.ip, size: request.size}
---
kind: rule
metadata: {name: logs, namespace: istio-system}
spec: {actions: [{handler: h, instances: [i]}]}
---
kind: rule
metadata: {name: takes, namespace: istio-system, annotations: {policy.istio.io/lang: CEL}}
spec:
  match: response.duration > duration("2s")
  actions: [{handler: h, instances: [i]}]
---
kind: rule
metadata: {name: looks, namespace: istio-system}
spec:
  match: request.time == timestamp("2020-01-01T00:00:00Z") || source.ip == ip("10.0.0.1")
  actions: [{handler: h, instances: [i]}]
`,
  })
  const io = terminal()
  const options = { path: join(root, 'rule.yaml'), attributesFile: join(root, 'attributes.yaml') }
  t.equal(await runExplain({ ...options, json: false }, io), 0)
  const { out, err } = io.written
  t.equal(err, '')
  t.match(out, /took: "1\.5s"/)
  t.match(out, /at: "2024-01-02T03:04:05\.5Z"/)
  t.match(out, /timestamp: "2024-01-02T03:04:05\.5Z"/)
  t.match(out, /from: "::1"/)
  t.match(out, /size: 7\n/)
  t.match(out, /response\.duration is 1\.5s/)
  t.match(out, /request\.time is 2024-01-02T03:04:05\.5Z/)
  t.match(out, /source\.ip is ::1/)
})

t.test('explain refuses attributes it cannot read', async t => {
  const io = terminal()
  const options = { path: join(fixtures, 'istio-stock'), attributesFile: join(fixtures, 'nowhere.json') }
  t.equal(await runExplain({ ...options, json: false }, io), 1)
  t.match(io.written.err, /EVAL_FILE/)
})
