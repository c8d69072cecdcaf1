import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { createDoors } from '../../src/mixer/doors/doors.js'
import { silent } from '../../src/mixer/telemetry/index.js'
import { serverKinds } from './serving.js'
import { ManualClock, scripted } from './support.js'

/** What an HTTP/2 client says first: the preface, empty settings. */
const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
])
const fixtures = 'test/fixtures/tls'

/** A peer that stays, whatever the server says: it reads, and closes nothing. */
async function stubborn(t: Test, port: number): Promise<Socket> {
  const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true })
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  return socket
}

const plainPeers: Readonly<Record<string, (t: Test, port: number) => Promise<Socket>>> = {
  'says nothing': stubborn,
  'speaks no HTTP/2': async (t, port) => {
    const socket = await stubborn(t, port)
    socket.write('GET / HTTP/1.1\r\n')
    return socket
  },
  'ignores GOAWAY and the end': async (t, port) => {
    const socket = await stubborn(t, port)
    socket.write(preface)
    await once(socket, 'data')
    return socket
  },
}

const tlsPeers: typeof plainPeers = {
  'does not begin its handshake': stubborn,
  'ignores GOAWAY and the end': async (t, port) => {
    const socket = await stubborn(t, port)
    const secure = connectTls({ socket, ALPNProtocols: ['h2'], rejectUnauthorized: false })
    secure.on('error', () => {})
    secure.write(preface)
    await once(secure, 'data')
    secure.resume()
    return socket
  },
}

/** Resolves when the server's end is gone: what is written to it is answered with a reset, sooner or later. */
async function cut(socket: Socket): Promise<void> {
  while (!socket.destroyed) {
    socket.write('x')
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

for (const server of serverKinds)
  for (const [form, peers] of Object.entries({ plain: plainPeers, TLS: tlsPeers }))
    for (const [does, open] of Object.entries(peers))
      t.test(`${server}, ${form}: a peer that ${does} does not keep the doors from closing`, async t => {
        const tls = {
          certificateFile: `${fixtures}/adapter.pem`,
          privateKeyFile: `${fixtures}/adapter.key`,
        }
        const clock = new ManualClock()
        const doors = createDoors({
          engine: scripted({}),
          telemetry: silent,
          clock,
          ready: () => true,
          options: {
            server,
            listeners: [{ address: '127.0.0.1:0', ...(form === 'TLS' ? { tls } : {}) }],
          },
        })
        t.teardown(() => doors.close())
        await doors.listen()
        const socket = await open(t, Number(doors.addresses[0]?.split(':')[1]))
        const drained = doors.drain(1_000)
        clock.advance(1_001)
        await drained
        await cut(socket)
        t.pass('its socket is gone')
      })
