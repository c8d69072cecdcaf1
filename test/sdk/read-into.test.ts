import { connect, createServer, type Server, Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { SocketReads } from '@outboard/adapters-sdk/protocol'
import t, { type Test } from 'tap'
import { readInto } from '../../adapters-sdk/src/serve/read-into.js'

/** Both ends of a connection, and the server that accepted one of them. */
async function pair(t: Test): Promise<{ client: Socket; accepted: Socket; server: Server }> {
  const server = createServer({ allowHalfOpen: true })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const place = server.address()
  const accepting = new Promise<Socket>(resolve => server.once('connection', resolve))
  const client = connect({
    port: typeof place === 'object' && place !== null ? place.port : 0,
    host: '127.0.0.1',
    allowHalfOpen: true,
  })
  const accepted = await accepting
  for (const socket of [client, accepted]) socket.on('error', () => {})
  t.teardown(() => {
    client.destroy()
    accepted.destroy()
    server.close()
  })
  return { client, accepted, server }
}

/** What arrives, until there is as much as is wanted. */
function collecting(): { reads: SocketReads; bytes(wanted: number): Promise<Buffer> } {
  const chunks: Buffer[] = []
  let woken = () => {}
  const reads = new SocketReads(chunk => {
    chunks.push(chunk)
    woken()
  })
  return {
    reads,
    async bytes(wanted) {
      for (;;) {
        const all = Buffer.concat(chunks)
        if (all.length >= wanted) return all
        await new Promise<void>(resolve => {
          woken = resolve
        })
      }
    },
  }
}

const emitted = (socket: Duplex, event: string) =>
  new Promise<void>(resolve => socket.once(event, () => resolve()))

t.test('in this Node an accepted socket reads into our buffer, and everything arrives in order', async t => {
  const { client, accepted } = await pair(t)
  const { reads, bytes } = collecting()
  const reading = readInto(accepted, reads)
  if (reading === undefined) return t.fail('the handle of this Node is not where it was')
  const sent = Buffer.from(Array.from({ length: 500_000 }, (_, i) => i % 251))
  client.write(sent)
  t.ok((await bytes(sent.length)).equals(sent), 'many reads, none written over by the next')
  const answer = new Promise<string>(resolve => client.once('data', chunk => resolve(String(chunk))))
  reading.write('back')
  t.equal(await answer, 'back')
})

t.test('it pauses and goes on', async t => {
  const { client, accepted } = await pair(t)
  const { reads, bytes } = collecting()
  const reading = readInto(accepted, reads)
  if (reading === undefined) return t.fail('the handle of this Node is not where it was')
  client.write('one')
  await bytes(3)
  reading.pause()
  const { bytesRead } = reading
  client.write('two')
  // It lies in the system's buffer now; a socket that reads would have it after a turn or two.
  for (let turn = 0; turn < 30; turn++) await new Promise(resolve => setImmediate(resolve))
  t.equal(reading.bytesRead, bytesRead)
  reading.resume()
  t.equal(String(await bytes(6)), 'onetwo')
})

t.test('an end is heard, what is still to be written is, and the server can close', async t => {
  const { client, accepted, server } = await pair(t)
  const reading = readInto(accepted, new SocketReads(() => {}))
  if (reading === undefined) return t.fail('the handle of this Node is not where it was')
  const closed = emitted(accepted, 'close')
  const ended = emitted(reading, 'end')
  client.end('last words')
  await ended
  const heard = new Promise<string>(resolve => client.once('data', chunk => resolve(String(chunk))))
  reading.end('good bye')
  t.equal(await heard, 'good bye')
  await closed
  await new Promise<void>(resolve => server.close(() => resolve()))
  t.pass('no connection is left over in the server')
})

t.test('cutting either of the two cuts the connection', async t => {
  for (const which of ['accepted', 'reading'] as const) {
    const { client, accepted, server } = await pair(t)
    client.resume()
    const reading = readInto(accepted, new SocketReads(() => {}))
    if (reading === undefined) return t.fail('the handle of this Node is not where it was')
    const gone = Promise.all([client, accepted, reading].map(socket => emitted(socket, 'close')))
    ;(which === 'accepted' ? accepted : reading).destroy()
    await emitted(client, 'end')
    client.end()
    await gone
    await new Promise<void>(resolve => server.close(() => resolve()))
  }
})

t.test('a socket of another kind, or one whose handle is none, is left alone', async t => {
  const reads = new SocketReads(() => {})
  t.equal(readInto(new Duplex({ read: () => {}, write: () => {} }), reads), undefined)
  t.equal(readInto(new Socket(), reads), undefined, 'without a handle')
  class Other extends Socket {}
  t.equal(readInto(new Other(), reads), undefined)
  const strange = new Socket()
  const handle = { readStart() {} }
  Reflect.set(strange, '_handle', handle)
  t.equal(readInto(strange, reads), undefined)
  t.equal(Reflect.get(strange, '_handle'), handle)
  Reflect.set(strange, '_handle', null)
})

t.test('a socket that something was read of already is left alone, with all of it', async t => {
  const { client, accepted } = await pair(t)
  client.write('early')
  await emitted(accepted, 'readable')
  t.equal(readInto(accepted, new SocketReads(() => {})), undefined)
  t.equal(String(accepted.read()), 'early')
})
