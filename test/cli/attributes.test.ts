import { isIPv6 } from 'node:net'
import type { Value } from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t from 'tap'
import { CliError } from '../../src/cli/errors.js'
import { readAttributeFile, readAttributeSets } from '../../src/cli/mixer-client/attribute-file.js'
import { addressBytes, guessAttribute, parseAttribute, parseList } from '../../src/cli/mixer-client/parse.js'

t.test('the type of a value is guessed in the order of the old client', async t => {
  const cases: readonly (readonly [string, Value])[] = [
    ['10', { type: 'INT64', value: 10n }],
    ['-9223372036854775808', { type: 'INT64', value: -(2n ** 63n) }],
    ['9223372036854775808', { type: 'DOUBLE', value: 2 ** 63 }],
    ['1', { type: 'INT64', value: 1n }],
    ['1.5e3', { type: 'DOUBLE', value: 1500 }],
    ['true', { type: 'BOOL', value: true }],
    ['F', { type: 'BOOL', value: false }],
    ['2026-01-31T12:00:00.5Z', { type: 'TIMESTAMP', value: { seconds: 1769860800, nanos: 500_000_000 } }],
    ['2026-01-31T13:00:00+01:00', { type: 'TIMESTAMP', value: { seconds: 1769860800, nanos: 0 } }],
    ['1m30s', { type: 'DURATION', value: 90_000_000_000n }],
    ['ab', { type: 'IP_ADDRESS', value: Uint8Array.of(0xab) }],
    ['0a:1:2:03', { type: 'IP_ADDRESS', value: Uint8Array.of(10, 1, 2, 3) }],
    ['k:v;k2:v:2', { type: 'STRING_MAP', value: { k: 'v', k2: 'v:2' } }],
    ['/path?x', { type: 'STRING', value: '/path?x' }],
    ['', { type: 'STRING', value: '' }],
  ]
  for (const [text, value] of cases) t.same(guessAttribute(text), value, JSON.stringify(text))
})

t.test('every text can be guessed, and every int64 is exact', async t => {
  fc.assert(fc.property(fc.string(), text => guessAttribute(text).type.length > 0))
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), value => {
      t.same(parseAttribute('x', 'int64', value.toString()), { type: 'INT64', value })
    }),
  )
})

t.test('a value that is not of the stated type is an error that says so', async t => {
  for (const [type, text] of [
    ['int64', '1.5'],
    ['int64', '9223372036854775808'],
    ['double', 'x'],
    ['bool', 'yes'],
    ['timestamp', '2026-13-01T00:00:00Z'],
    ['duration', '1 minute'],
    ['bytes', '0a:100'],
    ['stringmap', 'k'],
  ] as const)
    t.throws(
      () => parseAttribute('a.b', type, text),
      { code: 'CLI_BAD_ATTRIBUTE', message: /"a.b"/ },
      `${type} ${text}`,
    )
})

t.test('a list is split at commas and at the first equals sign', async t => {
  t.same(parseList('a=1,b=x=y,c='), [
    ['a', '1'],
    ['b', 'x=y'],
    ['c', ''],
  ])
  t.throws(() => parseList('a=1,b'), { code: 'CLI_BAD_ATTRIBUTE' })
  t.throws(() => parseList('=1'), { code: 'CLI_BAD_ATTRIBUTE' })
})

t.test('addresses become the bytes that Mixer sends', async t => {
  t.same(addressBytes('10.0.0.1'), Uint8Array.of(10, 0, 0, 1))
  t.same(addressBytes('::1'), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))
  t.same(addressBytes('2001:db8::5:0:1')?.[15], 1)
  t.same(addressBytes('::ffff:1.2.3.4')?.slice(10), Uint8Array.of(255, 255, 1, 2, 3, 4))
  t.equal(addressBytes('10.0.0'), undefined)
  fc.assert(fc.property(fc.ipV6(), text => !isIPv6(text) || addressBytes(text)?.length === 16))
})

t.test('a file holds one set or several, with Istio’s names understood', async t => {
  const dir = t.testdir({
    one: JSON.stringify({
      'source.ip': '10.0.0.1',
      'request.time': '2026-01-31T12:00:00Z',
      'response.duration': '7ms',
      'request.headers': { user: 'alice' },
      'request.path': '10.0.0.1',
      'response.code': 200,
      share: 0.5,
      mtls: true,
    }),
    two: '[{"a": "1"}, {"a": "2"}]',
    wrong: '{"a": [1]}',
    time: '{"request.time": "noon"}',
    broken: '{',
  })
  t.same(readAttributeFile(`${dir}/one`), {
    'source.ip': { type: 'IP_ADDRESS', value: Uint8Array.of(10, 0, 0, 1) },
    'request.time': { type: 'TIMESTAMP', value: { seconds: 1769860800, nanos: 0 } },
    'response.duration': { type: 'DURATION', value: 7_000_000n },
    'request.headers': { type: 'STRING_MAP', value: { user: 'alice' } },
    'request.path': { type: 'STRING', value: '10.0.0.1' },
    'response.code': { type: 'INT64', value: 200n },
    share: { type: 'DOUBLE', value: 0.5 },
    mtls: { type: 'BOOL', value: true },
  })
  t.equal(readAttributeSets(`${dir}/two`).length, 2)
  t.throws(() => readAttributeFile(`${dir}/wrong`), { code: 'CLI_BAD_ATTRIBUTE' })
  t.throws(() => readAttributeFile(`${dir}/time`), { code: 'CLI_BAD_ATTRIBUTE' })
  t.throws(() => readAttributeFile(`${dir}/broken`), { code: 'CLI_FILE_UNREADABLE' })
  t.throws(() => readAttributeFile(`${dir}/missing`), CliError)
})
