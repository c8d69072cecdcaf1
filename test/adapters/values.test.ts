import type { Value } from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t from 'tap'
import { durationText, parseDuration } from '../../src/adapters/values/duration.js'
import { ipText, parseIp } from '../../src/adapters/values/ip.js'
import { doubleText, valueText } from '../../src/adapters/values/text.js'
import { parseTime, timestampOfMs, timeText, zeroTime } from '../../src/adapters/values/time.js'

t.test('valueText prints each kind of value as Mixer does', async t => {
  const table: [Value | undefined, string][] = [
    [undefined, ''],
    [{ type: 'STRING', value: 'a b' }, 'a b'],
    [{ type: 'INT64', value: -9_223_372_036_854_775_808n }, '-9223372036854775808'],
    [{ type: 'DOUBLE', value: 0.5 }, '0.5'],
    [{ type: 'BOOL', value: false }, 'false'],
    [
      { type: 'TIMESTAMP', value: { seconds: 1_577_934_245, nanos: 6_007_000 } },
      '2020-01-02T03:04:05.006007Z',
    ],
    [{ type: 'IP_ADDRESS', value: Uint8Array.of(10, 0, 0, 1) }, '10.0.0.1'],
    [{ type: 'EMAIL_ADDRESS', value: 'a@b.c' }, 'a@b.c'],
    [{ type: 'URI', value: 'x:/y' }, 'x:/y'],
    [{ type: 'DNS_NAME', value: 'a.b' }, 'a.b'],
    [{ type: 'DURATION', value: 1_500_000_000n }, '1.5s'],
    [{ type: 'STRING_MAP', value: { b: '2', a: '1' } }, 'a=1&b=2'],
  ]
  for (const [value, expected] of table) t.equal(valueText(value), expected)
})

t.test('durationText writes durations as Go does', async t => {
  const table: [bigint, string][] = [
    [0n, '0s'],
    [1n, '1ns'],
    [1_500n, '1.5µs'],
    [20_000_000n, '20ms'],
    [1_000_000_000n, '1s'],
    [60_000_000_000n, '1m0s'],
    [3_600_000_000_000n, '1h0m0s'],
    [-5_445_500_000_000n, '-1h30m45.5s'],
  ]
  for (const [nanos, expected] of table) t.equal(durationText(nanos), expected)
})

t.test('parseDuration reads whatever durationText writes, and refuses what Go refuses', async t => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        n => parseDuration(durationText(n)) === n,
      ),
    ),
  )
  t.equal(parseDuration('-1h30m'), -5_400_000_000_000n)
  t.equal(parseDuration('.5s'), 500_000_000n)
  t.equal(parseDuration('0'), 0n)
  for (const wrong of ['', '5', '5 s', 's', '.s', '1d', '1s2', 'x1s'])
    t.equal(parseDuration(wrong), undefined, wrong)
})

t.test('doubleText is the shortest decimal without an exponent', async t => {
  const table: [number, string][] = [
    [1e21, '1000000000000000000000'],
    [-1.5e-7, '-0.00000015'],
    [1.25e22, '12500000000000000000000'],
    [5e-324, `0.${'0'.repeat(323)}5`],
    [Number.NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [-0, '-0'],
  ]
  for (const [n, expected] of table) t.equal(doubleText(n), expected)
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), n => {
        const printed = doubleText(n)
        return Object.is(Number(printed), n) && !printed.includes('e')
      }),
    ),
  )
})

t.test('ipText and parseIp agree on addresses of both families', async t => {
  const table: [string, string][] = [
    ['10.1.2.3', '10.1.2.3'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['fe80::', 'fe80::'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::ffff:a00:1', '10.0.0.1'],
  ]
  for (const [given, expected] of table) t.equal(ipText(parseIp(given) ?? new Uint8Array()), expected, given)
  for (const wrong of ['', '1.2.3', '256.0.0.1', 'fe80::1%eth0', ':::', '1.2.3.4/8', 'host'])
    t.equal(parseIp(wrong), undefined, wrong)
  t.equal(ipText(Uint8Array.of(1, 2)), '?0102')
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes => {
        const parsed = parseIp(ipText(bytes))
        return parsed !== undefined && ipText(parsed) === ipText(bytes)
      }),
    ),
  )
})

t.test('timeText always has six digits, and cuts years that the notation cannot hold', async t => {
  t.equal(timeText({ seconds: 0, nanos: 999 }), '1970-01-01T00:00:00.000000Z')
  t.equal(timeText({ seconds: -1, nanos: 500_000_000 }), '1969-12-31T23:59:59.500000Z')
  t.equal(timeText(zeroTime), '0001-01-01T00:00:00.000000Z')
  t.equal(timeText({ seconds: 1e15, nanos: 0 }), '9999-12-31T23:59:59.000000Z')
  t.equal(timeText(timestampOfMs(1_500.25)), '1970-01-01T00:00:01.500250Z')
})

t.test('parseTime reads RFC 3339 with zones and fractions', async t => {
  t.same(parseTime('1970-01-01T01:00:00.25+01:00'), { seconds: 0, nanos: 250_000_000 })
  for (const wrong of ['', '1970-01-01', '1970-13-01T00:00:00Z', '1970-01-01 00:00:00Z'])
    t.equal(parseTime(wrong), undefined, wrong)
})
