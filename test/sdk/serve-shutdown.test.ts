import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import { encodeHostFrame, sessionMethodPath } from '@outboard/adapters-sdk/protocol'
import { serve } from '@outboard/adapters-sdk/serve'
import t from 'tap'
import { stagedAdapter } from './support/adapters.js'
import { check } from './support/memory-session.js'
import { hello, RawHost, unary } from './support/raw-host.js'

t.test(
  'SIGTERM drains a process: its host is asked to stop, and then the process ends by itself',
  async t => {
    const dir = await mkdtemp(join(tmpdir(), 'outboard-'))
    t.teardown(() => rm(dir, { recursive: true, force: true }))
    const serveModule = import.meta.resolve('@outboard/adapters-sdk/serve')
    const sdkModule = import.meta.resolve('@outboard/adapters-sdk')
    const program = join(dir, 'adapter.mjs')
    const socket = join(dir, 'a.sock')
    await writeFile(
      program,
      `import { allow, defineAdapter, settings } from ${JSON.stringify(sdkModule)}
     import { serve } from ${JSON.stringify(serveModule)}
     const adapter = defineAdapter({ name: 'x', version: '1', description: '', templates: ['listentry'],
       settings: settings.object({}), open: () => ({ check: () => allow() }) })
     await serve(adapter, { address: ${JSON.stringify(`unix:${socket}`)}, signals: ['SIGTERM'] })`,
    )
    const child = spawn(process.execPath, [...process.execArgv, program], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    t.teardown(() => child.kill('SIGKILL'))
    const lines: string[] = []
    const serving = new Promise<void>(resolve => {
      child.stderr.on('data', (chunk: Buffer) => {
        lines.push(...chunk.toString().trim().split('\n'))
        if (lines.some(line => line.startsWith('Serving x 1 on unix:'))) resolve()
      })
    })
    const exited = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
    await serving
    const host = new RawHost(`unix:${socket}`)
    t.teardown(() => host.cut())
    host.send(hello)
    await host.expect('hello')
    child.kill('SIGTERM')
    t.match(await host.expect('drain'), { reason: 'Signal SIGTERM' })
    host.send({ kind: 'drain', reason: 'agreed' })
    t.match(await host.expect('close'), { code: 'DRAINED' })
    t.equal(await exited, 0)
    t.match(lines, [/^Serving/, /^Draining: Signal SIGTERM/, /^Drained/])
  },
)

t.test('A host that does not agree is left after the grace', async t => {
  const served = await serve(stagedAdapter().adapter, { log: () => {}, drainGraceMs: 20 })
  const host = new RawHost(served.address)
  t.teardown(() => host.cut())
  host.send(hello)
  await host.expect('hello')
  await served.drain()
  t.match(await host.expect('drain'), {})
  t.match(await host.expect('close'), { code: 'SHUTDOWN' })
  await t.rejects(unary(served.address, '/grpc.health.v1.Health/Check', Buffer.alloc(0)), { code: 14 })
  await served.close()
})

t.test('A peer that stays, whatever it is told, does not keep an adapter from ending', async t => {
  const settings = [0, 0, 0, 4, 0, 0, 0, 0, 0]
  const http2 = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from(settings)])
  for (const says of [Buffer.alloc(0), Buffer.from('GET / HTTP/1.1\r\n'), http2]) {
    const served = await serve(stagedAdapter().adapter, { log: () => {}, drainGraceMs: 20 })
    const socket = connect({
      port: Number(served.address.split(':')[1]),
      host: '127.0.0.1',
      allowHalfOpen: true,
    })
    t.teardown(() => socket.destroy())
    socket.on('error', () => {})
    socket.resume()
    await once(socket, 'connect')
    socket.write(says)
    if (says === http2) await once(socket, 'data')
    await served.drain()
    // What is written to an end that is gone is answered with a reset, sooner or later.
    while (!socket.destroyed) {
      socket.write('x')
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }
  t.pass('each socket is gone')
})

t.test('Sessions beyond the limit are refused, and come in when one has gone', async t => {
  const served = await serve(stagedAdapter().adapter, { log: () => {}, maxSessions: 1 })
  t.teardown(() => served.close())
  const first = new RawHost(served.address)
  first.send(hello)
  await first.expect('hello')
  const second = new RawHost(served.address)
  t.teardown(() => second.cut())
  second.send(hello)
  await t.rejects(second.next(), { message: /RESOURCE_EXHAUSTED/ })
  first.send({ kind: 'close', code: 'OK', message: '' })
  await first.expect('close')
  await first.end()
  first.cut()
  const third = new RawHost(served.address)
  t.teardown(() => third.cut())
  third.send(hello)
  await third.expect('hello')
})

t.test('A host that floods and never reads costs a bounded amount of memory, and others go on', async t => {
  const { adapter } = stagedAdapter()
  const served = await serve(adapter, { log: () => {} })
  t.teardown(() => served.close())
  const client = new Client(served.address, credentials.createInsecure())
  t.teardown(() => client.close())
  const stream = client.makeBidiStreamRequest(
    sessionMethodPath,
    (b: Buffer) => b,
    (b: Buffer) => b,
  )
  stream.on('error', () => {})
  stream.pause()
  stream.write(encodeHostFrame(hello))
  const ping = encodeHostFrame({ kind: 'ping', nonce: 2 ** 50 })
  const heart = new Heartbeat(served.address)
  t.teardown(() => heart.stop())
  const before = process.memoryUsage().rss
  let stalled = false
  for (let i = 0; i < 400_000 && !stalled; i++) {
    if (stream.write(ping)) continue
    const room = new Promise<'room'>(resolve => stream.once('drain', () => resolve('room')))
    // Stalled: another host is answered again and again, and there is still no room.
    stalled = (await Promise.race([room, heart.beats(100)])) === 'beaten'
  }
  t.ok(stalled, 'the adapter stopped reading')
  t.ok(process.memoryUsage().rss - before < 200_000_000, 'both ends together')
  const host = new RawHost(served.address)
  t.teardown(() => host.cut())
  host.send(hello)
  await host.expect('hello')
  host.send({
    kind: 'configure',
    handler: 1,
    generation: 1,
    id: 'h',
    adapter: '',
    settings: '',
    instances: [],
  })
  await host.expect('ready')
  host.send({ kind: 'calls', calls: [check(1, 'ada')] })
  t.match(await host.expect('results'), { results: [{ kind: 'verdict' }] })
  stream.cancel()
})

/** Another host, which pings all the time: its beats are a clock that does not depend on the machine's speed. */
class Heartbeat {
  readonly #host: RawHost
  #stopped = false
  #left = 0
  #beaten: (() => void) | undefined

  constructor(address: string) {
    this.#host = new RawHost(address)
    void this.#beat()
  }

  /** Resolves after so many beats; an earlier promise never does. */
  beats(count: number): Promise<'beaten'> {
    return new Promise(resolve => {
      this.#left = count
      this.#beaten = () => resolve('beaten')
    })
  }

  stop(): void {
    this.#stopped = true
    this.#host.cut()
  }

  async #beat(): Promise<void> {
    this.#host.send(hello)
    await this.#host.expect('hello')
    for (let nonce = 1; !this.#stopped; nonce++) {
      this.#host.send({ kind: 'ping', nonce })
      await this.#host.next().catch(() => this.stop())
      if (--this.#left === 0) this.#beaten?.()
    }
  }
}
