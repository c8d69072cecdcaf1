import { once } from 'node:events'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, type PeerCertificate } from 'node:tls'
import { credentials } from '@grpc/grpc-js'
import { encodeCheckRequest } from '@outboard/adapters-sdk/client'
import t, { type Test } from 'tap'
import { createDoors } from '../../src/mixer/doors/doors.js'
import type { TlsSettings } from '../../src/mixer/doors/tls.js'
import { serverKinds } from './serving.js'
import { ByteClient, counting, ManualClock, scripted } from './support.js'

const fixtures = 'test/fixtures/tls'
const path = '/istio.mixer.v1.Mixer/Check'

for (const server of serverKinds) {
  t.test(`TLS on ${server}`, async t => {
    /** Doors with certificate files that the test may change. */
    async function open(t: Test, more: Partial<TlsSettings> = {}) {
      const folder = t.testdir({})
      const certificateFile = join(folder, 'cert.pem')
      const privateKeyFile = join(folder, 'cert.key')
      const use = async (name: string) => {
        await copyFile(`${fixtures}/${name}.pem`, certificateFile)
        await copyFile(`${fixtures}/${name}.key`, privateKeyFile)
      }
      await use('adapter')
      const { telemetry, counts } = counting()
      const clock = new ManualClock()
      const doors = createDoors({
        engine: scripted({}),
        telemetry,
        clock,
        ready: () => true,
        options: {
          server,
          listeners: [
            {
              address: '127.0.0.1:0',
              tls: { certificateFile, privateKeyFile, reloadEveryMs: 5_000, ...more },
            },
          ],
        },
      })
      t.teardown(() => doors.close())
      await doors.listen()
      return { address: doors.addresses[0] ?? '', counts, clock, use, certificateFile }
    }

    /** One Check over TLS, as the holder of a certificate or as nobody. */
    async function check(t: Test, address: string, as: string | undefined): Promise<number> {
      const ca = await readFile(`${fixtures}/ca.pem`)
      const file = (suffix: string) => (as === undefined ? null : readFile(`${fixtures}/${as}.${suffix}`))
      const channel = credentials.createSsl(ca, await file('key'), await file('pem'))
      const client = new ByteClient(address, channel)
      t.teardown(() => client.close())
      return (await client.call(path, encodeCheckRequest({ attributes: {} }))).code
    }

    /** Who answers a new connection. */
    async function served(address: string): Promise<PeerCertificate> {
      const [host, port] = address.split(':')
      const socket = connect({ host, port: Number(port), ALPNProtocols: ['h2'], rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      const certificate = socket.getPeerCertificate()
      socket.destroy()
      return certificate
    }

    t.test('serves with a certificate', async t => {
      const { address } = await open(t)
      t.equal(await check(t, address, undefined), 0)
    })

    t.test('refuses clients without a certificate of the authority when it is required', async t => {
      const { address } = await open(t, {
        clientCertificate: 'required',
        clientAuthorityFile: `${fixtures}/ca.pem`,
      })
      t.equal(await check(t, address, 'host'), 0)
      t.equal(await check(t, address, undefined), 14)
      t.equal(await check(t, address, 'stranger'), 14)
      t.equal(await check(t, address, 'host'), 0)
    })

    t.test('takes new files for new connections, and keeps the old ones when they do not fit', async t => {
      const { address, clock, counts, use, certificateFile } = await open(t)
      const counted = async (outcome: string, times: number) => {
        while (counts.get(`door_certificate_reloads{outcome="${outcome}"}`) !== times)
          await new Promise(resolve => setImmediate(resolve))
      }
      t.match(await served(address), { subject: { CN: 'adapter' } })
      await writeFile(certificateFile, 'no certificate')
      clock.advance(5_000)
      await counted('failed', 1)
      t.match(await served(address), { subject: { CN: 'adapter' } })
      await use('adapter-next')
      // The watch goes on in the turn after the failure was counted.
      while (counts.get('door_certificate_reloads{outcome="taken"}') !== 1) {
        clock.advance(5_000)
        await new Promise(resolve => setImmediate(resolve))
      }
      t.match(await served(address), { subject: { CN: 'adapter-next' } })
      t.equal(await check(t, address, undefined), 0)
    })

    t.test('refuses files that do not belong together, before it listens', async t => {
      await t.rejects(open(t, { privateKeyFile: `${fixtures}/host.key` }), { code: 'TLS_FILES_INVALID' })
      await t.rejects(open(t, { certificateFile: 'no-such-file' }), { code: 'TLS_FILES_INVALID' })
      await t.rejects(open(t, { clientCertificate: 'required' }), { code: 'TLS_FILES_INVALID' })
    })
  })
}
