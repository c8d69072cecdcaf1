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

t.test('dnsName is loose about characters and strict about labels', async t => {
  const good: readonly (readonly [string, string])[] = [
    ['example.com', 'example.com'],
    ['Example.COM.', 'Example.COM.'],
    ['a_b.io', 'a_b.io'],
    ['a b!.io', 'a b!.io'],
    ['e\u0301.io', '\u00e9.io'],
    ['xn--mnchen-3ya.de', 'm\u00fcnchen.de'],
    [`${'a'.repeat(70)}.io`, `${'a'.repeat(70)}.io`],
    ['\u05d0\u05d1.com', '\u05d0\u05d1.com'],
  ]
  for (const [text, value] of good) t.equal(outcome(`dnsName("${text}")`), value, text)
  const bad = [
    '',
    '.',
    '.a',
    'a..b',
    'a..',
    '-a.com',
    'a-.com',
    'ab--c.com',
    'xn--a.com',
    'xn--.com',
    'XN--mnchen-3ya.de',
    'xn--Mnchen-3ya.de',
    '\u0301a.com',
    'a\u200db.com',
    '\u05d0a.com',
    'a'.repeat(2_000),
  ]
  for (const text of bad) t.ok(fails(`dnsName("${text}")`), text.slice(0, 40))
})

t.test('DNS names are equal as host names are, and other characters make the comparison fail', async t => {
  const table: readonly (readonly [string, boolean])[] = [
    ['q.dns == dnsName("billing.example.com")', true],
    ['q.dns == dnsName("billing.example.com.")', true],
    ['q.dns != dnsName("example.com")', true],
    ['dnsName("M\u00dcNCHEN.de") == dnsName("xn--mnchen-3ya.de")', true],
    ['dnsName("a-b.io") == dnsName("A-B.IO.")', true],
    ['dnsName("a\uff0eb") == dnsName("a.b")', true],
  ]
  for (const [text, value] of table) t.equal(outcome(text), value, text)
  for (const text of [
    'dnsName("a_b.io") == dnsName("a_b.io")',
    'dnsName("a b") == dnsName("a")',
    'q.dns == dnsName("*.io")',
  ])
    t.ok(fails(text), text)
})

t.test('email takes one plain address', async t => {
  for (const text of [
    'a@b.c',
    '<a@b.c>',
    '  <a@b.c>  ',
    ' a@b.c ',
    'a.b+c@d',
    'a@b_c.d',
    '\u00e9@b.c',
    '<a@b.c> (a comment)',
  ])
    t.equal(outcome(`email("${text}")`), text, text)
  t.equal(outcome('email("\\"a b\\"@c.d")'), '"a b"@c.d')
  for (const text of [
    '',
    'a',
    '@b',
    'a@',
    'a@b@c',
    'Ann <a@b.c>',
    'a@b.c, d@e.f',
    'a@[1.2.3.4]',
    '.a@b.c',
    'a.@b.c',
    'a..b@c.d',
    'a@b..c',
    'a@.b',
    '<a@b.c',
    'a@b.c>',
    'a@b.c (Ann)',
    'a@-b.c',
    'a b@c.d',
    'g: a@b.c;',
  ])
    t.ok(fails(`email("${text}")`), text)
  const table: readonly (readonly [string, boolean])[] = [
    ['q.email == email("Ann@EXAMPLE.com")', true],
    ['q.email == email("ann@example.com")', false],
    ['q.email == email("<Ann@example.com>")', true],
  ]
  for (const [text, value] of table) t.equal(outcome(text), value, text)
})

t.test('uri takes what the parser of Go takes', async t => {
  for (const text of [
    'http://a.b/c?d#e',
    'a/b',
    '/a b',
    '*',
    'mailto:ann@example.com',
    'http://a.b:80',
    'http://a.b:',
    'http://[::1]:80/x',
    'http://[fe80::1%25eth0]/',
    'http://u:p@h/',
    'http://u%40x@h/',
    '//host/path',
    '///path',
    '?q',
    '#f',
    'a/b:c',
    './a:b',
    'http://h%C3%A9/',
    'http://\u00e9/',
    'HTTP:opaque',
    'http://a<b>"c/',
    'http:',
  ])
    t.equal(outcome(`uri(\`${text}\`)`), text, text)
  for (const text of [
    '',
    ':',
    '://a',
    'http://a b/',
    'http://a%20b/',
    'http://a/%zz',
    'http://a/%',
    'http://a/%4',
    'http://[::1',
    'http://[::1]x',
    'http://a:b',
    'http://a:80x/',
    '1a:b',
    '1:b:c d',
    'http://u\u00e9@h',
    'http://a\\b/',
    'http://a/#%zz',
    'a\tb',
  ])
    t.ok(fails(`uri(\`${text}\`)`), text)
})

t.test('URIs are equal when they are written alike, but for the scheme and the host of http', async t => {
  const table: readonly (readonly [string, string, unknown])[] = [
    ['HTTP://Example.COM/a?b#c', 'http://example.com/a?b#c', true],
    ['http://a.b', 'http://a.b/', false],
    ['http://a.b.', 'http://a.b', true],
    ['http://a.b:80', 'http://a.b', false],
    ['http://a.b:', 'http://a.b', true],
    ['http://a.b/?x&y', 'http://a.b/?y&x', false],
    ['http://u@a.b', 'http://a.b', false],
    ['http://u:p@a.b', 'http://u:p@A.b', true],
    ['http://a.b/%41', 'http://a.b/A', false],
    ['http://a.b/a b', 'http://a.b/a%20b', true],
    ['http://a.b/?', 'http://a.b/', false],
    ['http://a.b/#', 'http://a.b/', true],
    ['ftp://A.b/', 'ftp://a.b/', false],
    ['FTP://a.b/', 'ftp://a.b/', true],
    ['http://a.b/', 'https://a.b/', false],
    ['/a', '/a', true],
    ['mailto:a', 'MAILTO:a', true],
  ]
  for (const [a, b, value] of table) t.equal(outcome(`uri("${a}") == uri("${b}")`), value, `${a} ${b}`)
  t.equal(outcome('q.uri == uri("http://example.com/a?b#c")'), true)
  t.ok(fails('uri("http://[::1]/") == uri("http://[::1]/")'))
  t.ok(fails('uri("http://a_b/") == uri("http://a_b/")'))
})
