import type { Instance, Value } from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t from 'tap'
import { linesOf } from '../../src/adapters/stdio/entries.js'
import { type StdioSettings, stdioSettings } from '../../src/adapters/stdio/settings.js'
import { duration, instanceOf, int, ip, text } from './support/fakes.js'

const now = Date.parse('2026-03-04T05:06:07.089Z')

function settingsOf(raw: Record<string, unknown> = {}): StdioSettings {
  const resolved = stdioSettings.resolve(raw)
  if ('problems' in resolved) throw new Error(JSON.stringify(resolved.problems))
  return resolved.settings
}

const print = (instances: Instance[], raw: Record<string, unknown> = {}) =>
  linesOf(instances, settingsOf(raw), now)

const entry = (fields: Record<string, Value> = {}, severity = 'info') =>
  instanceOf('logentry', 'accesslog.instance.test', {
    variables: fields,
    timestamp: { seconds: 1_577_934_245, nanos: 678_901_234 },
    severity,
  })

t.test('a log entry is one JSON object: level, time, instance, then the variables by name', async t => {
  const line = print([
    entry({
      url: text('/a?b="c"'),
      latency: duration(20_000_000n),
      code: int(2n ** 63n - 1n),
      share: { type: 'DOUBLE', value: 1e21 },
      odd: { type: 'DOUBLE', value: Number.NaN },
      ok: { type: 'BOOL', value: true },
      source: ip(10, 0, 0, 1),
      at: { type: 'TIMESTAMP', value: { seconds: 0, nanos: 0 } },
      labels: { type: 'STRING_MAP', value: { b: '2', a: '1' } },
    }),
  ])
  t.equal(
    line,
    '{"level":"info","time":"2020-01-02T03:04:05.678901Z","instance":"accesslog.instance.test",' +
      '"at":"1970-01-01T00:00:00.000000Z","code":9223372036854775807,"labels":"a=1&b=2","latency":"20ms",' +
      '"odd":"NaN","ok":true,"share":1000000000000000000000,"source":"10.0.0.1","url":"/a?b=\\"c\\""}\n',
  )
})

t.test('a metric is one JSON object with its value before its dimensions, and the time of now', async t => {
  const metric = instanceOf('metric', 'requests.instance.test', {
    value: int(1),
    dimensions: { zone: text('z'), code: int(200), ip: ip(1, 2, 3, 4) },
  })
  t.equal(
    print([metric], { metric_level: 'WARNING' }),
    '{"level":"warn","time":"2026-03-04T05:06:07.089000Z","instance":"requests.instance.test",' +
      '"value":1,"code":200,"ip":"1.2.3.4","zone":"z"}\n',
  )
})

t.test('a log entry without a time has the zero time', async t => {
  const line = print([instanceOf('logentry', 'a.b.c', {})])
  t.equal(line, '{"level":"info","time":"0001-01-01T00:00:00.000000Z","instance":"a.b.c"}\n')
})

t.test('console lines have tabs between time, level, instance and the fields', async t => {
  const raw = { output_as_json: false }
  t.equal(
    print([entry({ user: text('ann'), n: int(1) }, 'ERR')], raw),
    '2020-01-02T03:04:05.678901Z\terror\taccesslog.instance.test\t{"n":1,"user":"ann"}\n',
  )
  t.equal(print([entry()], raw), '2020-01-02T03:04:05.678901Z\tinfo\taccesslog.instance.test\n')
})

t.test('severities become levels by the table; a configured table replaces the usual one', async t => {
  const usual: [string, string][] = [
    ['info', 'info'],
    ['INFORMATIONAL', 'info'],
    ['warn', 'warn'],
    ['WARNING', 'warn'],
    ['err', 'error'],
    ['fatal', 'error'],
    ['Warn', 'info'],
    ['', 'info'],
    ['constructor', 'info'],
  ]
  for (const [severity, level] of usual)
    t.match(print([entry({}, severity)]), new RegExp(`^{"level":"${level}"`), severity)
  const raw = { severity_levels: { Critical: 'ERROR', note: 1 } }
  t.match(print([entry({}, 'Critical')], raw), /"level":"error"/)
  t.match(print([entry({}, 'note')], raw), /"level":"warn"/)
  t.match(print([entry({}, 'error')], raw), /"level":"info"/)
})

t.test('lines below the output level are not written', async t => {
  const all = ['info', 'warning', 'error'].map(severity => entry({}, severity))
  const count = (output_level: string) => print(all, { output_level }).split('\n').length - 1
  t.same([count('INFO'), count('WARNING'), count('ERROR')], [3, 2, 1])
  t.equal(print([instanceOf('metric', 'm.b.c', { value: int(1) })], { output_level: 'ERROR' }), '')
})

t.test('no value can end its line, forge a key or command a terminal', async t => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\n{"level":"error"}',
      '\u001b[2J',
      '\u009b2J',
      '\u2028',
      '\u2029',
      '\r\n',
      '","level":"error',
      '\t',
      '\u007f',
    ),
  )
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.dictionary(nasty, nasty), fc.boolean(), (values, output_as_json) => {
        const fields = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value)]))
        const line = print([entry(fields)], { output_as_json })
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        if (/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/.test(line.slice(0, -1))) return false
        const json = output_as_json ? line : (line.split('\t')[3] ?? '{}')
        return typeof JSON.parse(json) === 'object' && (!output_as_json || JSON.parse(json).level === 'info')
      }),
      { numRuns: 500 },
    ),
  )
})

t.test('a variable named like a leading key cannot replace it', async t => {
  const line = print([
    entry({ level: text('error'), time: text('t'), instance: text('i'), other: text('o') }),
  ])
  t.match(line, /^{"level":"info",.*,"instance_":"i","level_":"error","other":"o","time_":"t"}\n$/)
  t.equal(JSON.parse(line).level, 'info')
})

t.test('a dimension named like the value of a metric cannot stand beside it', async t => {
  const metric = (fields: Parameters<typeof instanceOf>[2]) => print([instanceOf('metric', 'm.b.c', fields)])
  const dimensions = { value: int(9), level: text('error'), code: int(200) }
  t.match(metric({ value: int(1), dimensions }), /"value":1,"code":200,"level_":"error","value_":9}\n$/)
  t.match(metric({ dimensions: { value: int(9) } }), /"instance":"m\.b\.c","value_":9}\n$/, 'nor pass for it')
  t.match(print([entry({ value: int(9) })]), /,"value":9}\n$/, 'a variable may be called so')
})

t.test('no two fields of a line have one key', async t => {
  const name = fc.stringMatching(/^(level|time|instance|value|other)_{0,3}$/)
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.dictionary(name, fc.constant(int(1))), fc.boolean(), (fields, isMetric) => {
        const metric = instanceOf('metric', 'm.b.c', { value: int(1), dimensions: fields })
        const keys = [...print([isMetric ? metric : entry(fields)]).matchAll(/"(\w+)":/g)].map(
          match => match[1],
        )
        const expected = Object.keys(fields).length + (isMetric ? 4 : 3)
        return keys.length === expected && new Set(keys).size === expected
      }),
    ),
  )
})
