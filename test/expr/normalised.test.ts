import t from 'tap'
import { outcome } from './request.js'

function fails(text: string): boolean {
  return String(outcome(text)).startsWith('fails: ')
}

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
    ['dnsName("a.") == dnsName("a")', true],
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
