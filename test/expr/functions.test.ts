import t from 'tap'
import { compile } from '../../src/mixer/expr/index.js'
import { outcome, request, vocabulary } from './request.js'

function fails(text: string): boolean {
  return String(outcome(text)).startsWith('fails: ')
}

t.test('match knows a star at the end, then one at the start', async t => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ['billing.prod', 'billing.*', true],
    ['billing.prod', '*.prod', true],
    ['billing.prod', 'b*prod', false],
    ['*illing', '*illing*', true],
    ['billing', '*illing*', false],
    ['billing', '*', true],
    ['', '*', true],
    ['x', '', false],
    ['', '', true],
    ['a', '**', false],
    ['*', '**', true],
    ['Billing', 'billing', false],
  ]
  for (const [subject, pattern, expected] of table)
    t.equal(outcome(`match("${subject}", "${pattern}")`), expected, `${subject} ${pattern}`)
})

t.test('matches searches anywhere, with the pattern as receiver', async t => {
  t.equal(outcome('"^us[a-z]+$".matches(q.s)'), true)
  t.equal(outcome('"se".matches(q.s)'), true)
  t.equal(outcome('"^se".matches(q.s)'), false)
  t.equal(outcome('(z.s | "u").matches(q.s)'), true)
  t.equal(outcome('"\\\\pL+".matches("\u00e9")'), true)
  for (const bad of ['(', '(?=a)', '(a)\\\\1', 'a{1001}', '(?:a{1000}){1000}', '[b-a]', 'a**'])
    t.ok(fails(`"${bad}".matches(q.s)`), bad)
  t.match(outcome('q.m["k"].matches(q.s)'), /^EXPR_UNSUPPORTED/)
  t.equal(outcome('"(".matches(z.s)'), "fails: lookup failed: 'z.s'")
})

t.test('matches takes time linear in the text, also for patterns that come with the request', async t => {
  const compiled = compile('q.s.matches(z.s)', vocabulary)
  const text = `${'a'.repeat(20_000)}b`
  t.equal(compiled.eval(request({ 'q.s': '^(a+)+$', 'z.s': text })), false)
  t.equal(compiled.eval(request({ 'q.s': '(x+x+)+y|(a|aa)+$', 'z.s': text })), false)
  for (const pattern of [
    'a'.repeat(5_000),
    '([a-z]{1,100}){1,900}',
    '(((a{30}){30}){30}){30}',
    `(?:${'(ab?)'.repeat(700)}){1000}`,
  ])
    t.match(
      compiled.eval(request({ 'q.s': pattern, 'z.s': text })),
      { kind: 'invalid' },
      pattern.slice(0, 30),
    )
  for (let i = 0; i < 500; i++) compiled.eval(request({ 'q.s': `a{${i}}`, 'z.s': 'a' }))
  t.equal(compiled.eval(request({ 'q.s': 'a{2}', 'z.s': 'aa' })), true)
})

t.test('startsWith, endsWith and toLower', async t => {
  const table: readonly (readonly [string, unknown])[] = [
    ['q.s.startsWith("us")', true],
    ['q.s.startsWith("")', true],
    ['q.s.startsWith("User")', false],
    ['q.s.endsWith("er")', true],
    ['"abc".endsWith("abcd")', false],
    ['(q.m["k"]).startsWith("v")', true],
    ['toLower("ABC").startsWith("abc")', true],
    ['toLower("\u00c9\u0130\u03a3")', '\u00e9i\u03c3'],
    ['toLower("A\u{10400}")', 'a\u{10428}'],
  ]
  for (const [text, value] of table) t.same(outcome(text), value, text)
})

t.test('ip reads addresses as Go does', async t => {
  const good = [
    '1.2.3.4',
    '010.01.1.1',
    '255.255.255.255',
    '::',
    '::1',
    '1::',
    'fe80::1:2',
    '1:2:3:4:5:6:7:8',
    '::ffff:1.2.3.4',
    '1:2:3:4:5:6:1.2.3.4',
    'ABCD::ef',
    '1:2:3:4:5:6:7::',
  ]
  const bad = [
    '',
    'a',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.4/24',
    '1.2.3.4:80',
    ' 1.2.3.4',
    '1..2.3',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    'fe80::1%eth0',
    '[::1]',
    '12345::',
    '::1.2.3',
    '1.2.3.4::',
    '1:',
    '0x1.2.3.4',
    '1:2:3:4:5:6:7:1.2.3.4',
  ]
  for (const text of good) t.same(Object(outcome(`ip("${text}")`)).length, 16, text)
  for (const text of bad)
    t.equal(outcome(`ip("${text}")`), `fails: could not convert ${text} to IP_ADDRESS`, text)
  const same: readonly (readonly [string, boolean])[] = [
    ['q.ip == ip("10.0.0.1")', true],
    ['q.ip == ip("::ffff:10.0.0.1")', true],
    ['q.ip == ip("::10.0.0.1")', false],
    ['q.ip != ip("10.0.0.2")', true],
    ['ip("010.1.1.1") == ip("10.1.1.1")', true],
    ['ip("1:0:0:0:0:0:0:2") == ip("1::2")', true],
  ]
  for (const [text, value] of same) t.equal(outcome(text), value, text)
})

t.test('timestamp reads RFC 3339', async t => {
  const good: readonly (readonly [string, number, number])[] = [
    ['1970-01-01T00:00:00Z', 0, 0],
    ['1969-12-31T23:59:59.5Z', -1, 500_000_000],
    ['2000-02-29T12:30:15.123456789+01:30', 951_822_015, 123_456_789],
    ['2020-01-01T00:00:00-00:00', 1_577_836_800, 0],
    ['0001-01-01T00:00:00Z', -62_135_596_800, 0],
    ['9999-12-31T23:59:59Z', 253_402_300_799, 0],
  ]
  for (const [text, seconds, nanos] of good)
    t.match(outcome(`timestamp("${text}")`), { seconds, nanos }, text)
  const bad = [
    '',
    '2020-01-01',
    '2020-01-01T00:00:00',
    '2020-01-01t00:00:00Z',
    '2020-01-01T00:00:00z',
    '2020-01-01 00:00:00Z',
    '2019-02-29T00:00:00Z',
    '2020-13-01T00:00:00Z',
    '2020-00-01T00:00:00Z',
    '2020-01-00T00:00:00Z',
    '2020-01-01T24:00:00Z',
    '2020-01-01T00:60:00Z',
    '2020-01-01T00:00:60Z',
    '2020-01-01T00:00:00.Z',
    '2020-01-01T00:00:00+0100',
    '2020-01-01T00:00:00Zx',
    'Mon Jan 1 2020',
    '1577836800',
  ]
  for (const text of bad)
    t.match(
      outcome(`timestamp("${text}")`),
      `fails: could not convert '${text}' to TIMESTAMP. expected format: `,
      text,
    )
})
