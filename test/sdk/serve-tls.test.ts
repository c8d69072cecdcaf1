import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { credentials } from '@grpc/grpc-js'
import { type Served, serve } from '@outboard/adapters-sdk/serve'
import t, { type Test } from 'tap'
import { ManualClock } from '../support/manual-clock.js'
import { stagedAdapter } from './support/adapters.js'
import { hello, RawHost } from './support/raw-host.js'

const fixtures = 'test/fixtures/tls'
const pem = (name: string) => readFileSync(join(fixtures, name))

async function started(t: Test, mutual: 'mutual' | 'one-sided') {
  const dir = await mkdtemp(join(tmpdir(), 'outboard-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  const certificate = join(dir, 'cert.pem')
  const privateKey = join(dir, 'key.pem')
  const rotate = (name: string) => {
    copyFileSync(join(fixtures, `${name}.pem`), certificate)
    copyFileSync(join(fixtures, `${name}.key`), privateKey)
  }
  rotate('adapter')
  const clock = new ManualClock()
  const lines: string[] = []
  const served = await serve(stagedAdapter().adapter, {
    log: line => lines.push(line),
    lingerMs: 0,
    session: { clock },
    tls: {
      certificate,
      privateKey,
      reloadMs: 1_000,
      ...(mutual === 'mutual' && { clientAuthorities: join(fixtures, 'ca.pem') }),
    },
  })
  t.teardown(async () => {
    const closed = served.close()
    clock.advance(60_000)
    await closed
  })
  return { served, rotate, clock, lines, certificate }
}

/** The serial number of the certificate that a new connection is shown. */
async function shownSerial(served: Served): Promise<string> {
  const [host = '', port] = served.address.split(':')
  const socket = connect({
    host,
    port: Number(port),
    ca: pem('ca.pem'),
    servername: 'localhost',
    ALPNProtocols: ['h2'],
  })
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  const serial = socket.getPeerCertificate().serialNumber
  socket.destroy()
  return serial
}

t.test(
  'Rotated files are used for new connections; open sessions stay; unusable files change nothing',
  async t => {
    const { served, rotate, clock, lines, certificate } = await started(t, 'one-sided')
    const host = new RawHost(served.address, credentials.createSsl(pem('ca.pem')))
    t.teardown(() => host.cut())
    host.send(hello)
    await host.expect('hello')
    const before = await shownSerial(served)
    writeFileSync(certificate, 'half a certifi')
    clock.advance(1_000)
    clock.advance(1_000)
    t.equal(await shownSerial(served), before)
    t.equal(lines.filter(line => line.includes('cannot be used')).length, 1, 'said once')
    rotate('adapter-next')
    clock.advance(1_000)
    const after = await shownSerial(served)
    t.not(after, before)
    clock.advance(1_000)
    t.equal(lines.filter(line => line.includes('read again')).length, 1)
    host.send({ kind: 'ping', nonce: 9 })
    t.match(await host.expect('pong'), { nonce: 9 })
  },
)

t.test('Mutual TLS: a host without a certificate of the authority gets no session', async t => {
  const { served } = await started(t, 'mutual')
  const known = new RawHost(
    served.address,
    credentials.createSsl(pem('ca.pem'), pem('host.key'), pem('host.pem')),
  )
  t.teardown(() => known.cut())
  known.send(hello)
  t.match(await known.expect('hello'), { adapters: [{ name: 'staged' }] })
  for (const channel of [
    credentials.createSsl(pem('ca.pem')),
    credentials.createSsl(pem('ca.pem'), pem('stranger.key'), pem('stranger.pem')),
    credentials.createInsecure(),
  ]) {
    const stranger = new RawHost(served.address, channel)
    t.teardown(() => stranger.cut())
    stranger.send(hello)
    await t.rejects(stranger.next(), { message: /UNAVAILABLE/ })
  }
})

t.test('Files that cannot be read at the start are an error', async t => {
  const { adapter } = stagedAdapter()
  const tls = { certificate: 'nowhere.pem', privateKey: 'nowhere.key' }
  await t.rejects(serve(adapter, { tls }), { code: 'ENOENT' })
})
