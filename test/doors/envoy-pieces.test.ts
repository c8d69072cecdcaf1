import { readFileSync } from 'node:fs'
import t from 'tap'
import { Instant } from '../../src/mixer/attributes/index.js'
import { EntryQueue } from '../../src/mixer/doors/als/queue.js'
import { TcpDeltas } from '../../src/mixer/doors/als/tcp-deltas.js'
import { Certificates } from '../../src/mixer/doors/envoy/certificate.js'
import { forwardedCertificate, forwardedClient } from '../../src/mixer/doors/envoy/forwarded.js'
import { envoyStatus } from '../../src/mixer/doors/envoy/http-status.js'
import { parseIp } from '../../src/mixer/doors/envoy/ip.js'
import { hostName, protocolOf, queryParams, urlPath } from '../../src/mixer/doors/envoy/path.js'
import { parseTyped } from '../../src/mixer/doors/envoy/typed-text.js'

t.test('addresses are read in every usual form', t => {
  const hex = (text: string) => {
    const bytes = parseIp(text)
    return bytes && Buffer.from(bytes).toString('hex')
  }
  t.same(['0.0.0.0', '255.1.20.3', '1.2.3.4', '::ffff:1.2.3.4', '::FFFF:0102:0304'].map(hex), [
    '00000000',
    'ff011403',
    '01020304',
    '01020304',
    '01020304',
  ])
  t.equal(hex('2001:db8::1'), '20010db8000000000000000000000001')
  t.equal(hex('fe80::1%eth0'), 'fe800000000000000000000000000001')
  t.equal(hex('::'), '0'.repeat(32))
  t.equal(hex('1:2:3:4:5:6:7:8'), '00010002000300040005000600070008')
  t.equal(hex('64:ff9b::1.2.3.4'), '0064ff9b000000000000000001020304')
  for (const bad of ['', '1.2.3', '1.2.3.256', 'a.b.c.d', ':::', '1:2', '01.2.3.4'])
    t.equal(hex(bad), undefined, bad)
  t.end()
})

t.test('texts become values of the declared type, or nothing', t => {
  for (const [type, text, value] of [
    ['STRING', 'x', 'x'],
    ['URI', '/a', '/a'],
    ['INT64', '-5', -5],
    ['INT64', '9223372036854775807', 9_223_372_036_854_775_807n],
    ['INT64', '9223372036854775808', undefined],
    ['INT64', '1.5', undefined],
    ['DOUBLE', '1e3', 1_000],
    ['DOUBLE', '0x10', undefined],
    ['BOOL', 'true', true],
    ['BOOL', '0', false],
    ['BOOL', 'yes', undefined],
    ['TIMESTAMP', '2020-01-02T03:04:05.000000006Z', new Instant(1_577_934_245, 6)],
    ['TIMESTAMP', '2020-01-02T03:04:05+01:00', new Instant(1_577_930_645, 0)],
    ['TIMESTAMP', '2020-13-02T03:04:05Z', undefined],
    ['TIMESTAMP', 'today', undefined],
    ['DURATION', '1h30m', 5_400_000_000_000],
    ['DURATION', '-1.5s', -1_500_000_000],
    ['DURATION', '0', 0],
    ['DURATION', '5', undefined],
    ['DURATION', '5s x', undefined],
    ['IP_ADDRESS', '1.2.3.4', new Uint8Array([1, 2, 3, 4])],
    ['IP_ADDRESS', 'nowhere', undefined],
    [
      'STRING_MAP',
      'a:b:c;d:',
      new Map([
        ['a', 'b:c'],
        ['d', ''],
      ]),
    ],
    ['STRING_MAP', 'a', undefined],
    ['STRING', '', undefined],
  ] as const)
    t.strictSame(parseTyped(type, text), value, `${type} ${text}`)
  t.end()
})

t.test('a target is cut into path and query', t => {
  t.same(['/a', '/a?b', '/a#b', '/a%20b?', '?x', ''].map(urlPath), ['/a', '/a', '/a', '/a%20b', '', ''])
  t.same(
    queryParams('/?a=1&a=2&b&=c&%zz=%41+d&e=f#g=h', 9),
    new Map([
      ['a', '1'],
      ['b', ''],
      ['', 'c'],
      ['%zz', 'A d'],
      ['e', 'f'],
    ]),
  )
  t.equal(queryParams('/a', 9), undefined)
  t.equal(queryParams('/a?', 9), undefined)
  t.equal(queryParams(`/?${'a&'.repeat(99)}b`, 9)?.size, 1, 'the rest is left out')
  t.same(['a:1', 'a', '[::1]:5', '::1', ''].map(hostName), ['a', 'a', '::1', '::1', ''])
  t.same(
    [undefined, 'text/html', 'application/grpc', 'Application/gRPC+proto;x=y', 'application/grpc-web'].map(
      protocolOf,
    ),
    ['http', 'http', 'grpc', 'grpc', 'http'],
  )
  t.end()
})

t.test('every status becomes one that Envoy knows', t => {
  t.same([200, 302, 403, 429, 511].map(envoyStatus), [200, 302, 403, 429, 511])
  t.same(
    [299, 399, 418, 451, 499, 520, 599, 0, 100, 199, 600, -1].map(envoyStatus),
    [200, 300, 400, 400, 400, 500, 500, 403, 403, 403, 403, 403],
  )
  t.end()
})

t.test('certificates are parsed once, the longest unused forgotten first', t => {
  const pem = encodeURIComponent(readFileSync('test/fixtures/tls/adapter.pem', 'utf8'))
  const certificates = new Certificates(2)
  const facts = certificates.read(pem)
  t.match(facts, {
    subject: 'CN=adapter',
    issuer: 'CN=Outboard test authority',
    names: ['localhost', 'adapter.outboard.test', 'spiffe://outboard.test/ns/default/sa/mesh'],
    principal: 'spiffe://outboard.test/ns/default/sa/mesh',
    sha256: /^[0-9a-f]{64}$/,
  })
  t.equal(certificates.read('rubbish'), undefined)
  t.equal(certificates.read(pem), facts, 'the very same')
  t.equal(certificates.read('%%'), undefined)
  t.equal(certificates.read(pem), facts, 'used more lately than the first rubbish')
  certificates.read('a')
  certificates.read('b')
  const again = certificates.read(pem)
  t.not(again, facts)
  t.same(again, facts)
  t.equal(certificates.read('x'.repeat(70_000)), undefined)
  t.end()
})

t.test('x-forwarded-client-cert is read by its last element', t => {
  t.same(forwardedCertificate('Hash=1;URI=u1,Hash="2,;\\"";Cert="c";DNS=d;DNS=e'), {
    certificate: 'c',
    principal: 'd',
  })
  t.same(forwardedCertificate('Subject="CN=a,O=b";URI='), { certificate: '', principal: 'CN=a,O=b' })
  t.same(forwardedCertificate(''), { certificate: '', principal: '' })
  t.equal(forwardedClient('a, b ,c', 2), 'b')
  t.equal(forwardedClient('a', 2), undefined)
  t.end()
})

t.test('a queue of entries drops the oldest at its bounds, and never the newest', t => {
  const entry = (start: number, bytes: number) =>
    ({ message: Buffer.alloc(0), start, end: start + bytes, kind: 'http' }) as const
  const queue = new EntryQueue({ maxQueuedEntries: 3, maxQueuedBytes: 100 })
  t.same(
    [1, 2, 3, 4].map(start => queue.push(entry(start, 10))),
    [0, 0, 0, 1],
  )
  t.equal(queue.push(entry(5, 85)), 2, 'one for their number, one for their size')
  t.same(
    queue.take(9).map(({ start }) => start),
    [4, 5],
  )
  t.equal(queue.push(entry(6, 999)), 0)
  t.equal(queue.push(entry(7, 1)), 1)
  t.same(
    queue.take(1).map(({ start }) => start),
    [7],
  )
  t.equal(queue.size, 0)
  const taken: number[] = []
  for (let i = 0; i < 1_000; i++) {
    queue.push(entry(i, 1))
    if (i % 2 === 1) for (const { start } of queue.take(2)) taken.push(start)
  }
  t.same(
    taken,
    Array.from({ length: 1_000 }, (_, i) => i),
  )
  t.end()
})

t.test('byte counts of forgotten connections begin again', t => {
  const deltas = new TcpDeltas(2)
  t.same(deltas.since('a', 5, 1, 'more'), { received: 5, sent: 1 })
  t.same(deltas.since('b', 1, 1, 'more'), { received: 1, sent: 1 })
  t.same(deltas.since('a', 7, 1, 'more'), { received: 2, sent: 0 })
  deltas.since('c', 1, 1, 'more')
  t.same(deltas.since('a', 8, 1, 'last'), { received: 1, sent: 0 }, 'b was the oldest')
  t.same(deltas.since('b', 3, 3, 'more'), { received: 3, sent: 3 })
  t.same(deltas.since('b', 2, 3, 'more'), { received: 2, sent: 3 }, 'another connection')
  t.end()
})
