import t from 'tap'
import { backoffMs, defaultBackoff } from '../../src/mixer/placements/endpoints/backoff.js'
import { isLoopback, parseAddress } from '../../src/mixer/placements/endpoints/target.js'
import { parseAlternativeNames } from '../../src/mixer/placements/security/alternative-names.js'

t.test('names of a certificate are taken apart', async t => {
  t.same(parseAlternativeNames('DNS:a.test, IP Address:127.0.0.1, URI:spiffe://t/ns/a, DNS:b.test'), {
    dns: ['a.test', 'b.test'],
    uris: ['spiffe://t/ns/a'],
  })
  t.same(parseAlternativeNames(undefined), { dns: [], uris: [] })
})

t.test('a certificate cannot smuggle a name in by a comma or a quote', async t => {
  t.same(parseAlternativeNames('URI:"spiffe://evil/, URI:spiffe://good"'), {
    dns: [],
    uris: ['spiffe://evil/, URI:spiffe://good'],
  })
  t.same(parseAlternativeNames('DNS:"a\\", DNS:b", DNS:c'), { dns: ['a", DNS:b', 'c'], uris: [] })
  t.same(parseAlternativeNames('DNS:"broken'), { dns: [], uris: [] })
})

t.test('addresses of every form lead to a place', async t => {
  const place = (text: string) => {
    const address = parseAddress(text)
    if (!('kind' in address)) return address.message
    if (address.kind === 'dns') return ['dns', address.host, address.port]
    const { grpcTarget, tlsName, local } = address.target
    return [grpcTarget, tlsName, local]
  }
  t.same(place('adapter.ns:38355'), ['dns:adapter.ns:38355', 'adapter.ns', false])
  t.same(place('localhost:1'), ['dns:localhost:1', 'localhost', true])
  t.same(place('127.1.2.3:1'), ['ipv4:127.1.2.3:1', '127.1.2.3', true])
  t.same(place('[::1]:1'), ['ipv6:[::1]:1', '::1', true])
  t.same(place('ipv4:10.0.0.1:1'), ['ipv4:10.0.0.1:1', '10.0.0.1', false])
  t.same(place('unix:relative/s'), ['unix:relative/s', undefined, true])
  t.same(place('unix:/run/s'), ['unix:/run/s', undefined, true])
  t.same(place('unix:///run/s'), ['unix:/run/s', undefined, true])
  t.same(place('dns:///adapter.ns:1'), ['dns', 'adapter.ns', 1])
  t.same(place('dns:adapter.ns:1'), ['dns', 'adapter.ns', 1])
  t.match(place('dns://8.8.8.8/a:1'), /DNS server/)
})

t.test('loopback is known by address, and by the names that always mean it', async t => {
  t.same(['127.0.0.1', '127.255.0.9', '::1', 'LocalHost', 'a.localhost'].filter(isLoopback).length, 5)
  t.same(
    ['127.0.0.1.evil.test', 'localhost.evil.test', '10.0.0.1', '::2', 'mylocalhost'].filter(isLoopback),
    [],
  )
})

t.test('the wait between attempts doubles up to its bound, half of it by chance', async t => {
  const waits = (random: number) =>
    [1, 2, 3, 8, 50, 5_000].map(n => backoffMs(defaultBackoff, n, () => random))
  t.same(waits(0), [25, 50, 100, 2_500, 2_500, 2_500])
  t.same(waits(1), [50, 100, 200, 5_000, 5_000, 5_000])
})
