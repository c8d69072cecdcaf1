import { createServer, type ServerHttp2Stream } from 'node:http2'
import { defaultLimits, encodeAdapterFrame, type HostFrame } from '@outboard/adapters-sdk/protocol'
import {
  hello,
  type Script,
  ScriptedAdapter,
  type ScriptedSession,
} from '../../placements/support/scripted-adapter.js'
import { type Harm, harms } from './harms.js'

// Adapters that mean harm, one address for each kind of harm, in one process. It tells their addresses to its parent, and
// ends with it.

const template = {
  name: 'listchecker',
  version: '6.6.6',
  description: 'hostile',
  templates: [1, 2, 3, 4, 5],
  settingsSchema: '{}',
}
const greeting = hello({
  adapters: [template],
  credits: 1_000_000,
  limits: { ...defaultLimits, logsPerSecond: 1e6 },
})

/** Takes its handlers as a good adapter does, and then does harm. */
const afterReady =
  (harm: (session: ScriptedSession, frame: HostFrame) => void): Script =>
  (session, frame) => {
    if (frame.kind === 'hello') session.send(greeting)
    else if (frame.kind === 'configure')
      session.send({ kind: 'ready', handler: frame.handler, generation: frame.generation })
    else if (frame.kind === 'drain' || frame.kind === 'close') session.end()
    else harm(session, frame)
  }

/** Bytes without sense, from a generator of its own so that a run can be repeated. */
function* senseless(): Generator<Buffer> {
  let state = 12_345
  for (;;) {
    const bytes = Buffer.alloc(64)
    for (let i = 0; i < bytes.length; i++) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
      bytes[i] = state >>> 16
    }
    yield bytes
  }
}
const garbage = senseless()

const scripts: Readonly<Record<Harm, Script | undefined>> = {
  garbage: afterReady(session => session.raw(garbage.next().value)),
  unasked: afterReady((session, frame) => {
    if (frame.kind !== 'calls') return
    const results = frame.calls.map(({ id }) => ({ kind: 'reported', id: id + 1_000_000 }) as const)
    session.send({ kind: 'results', results, credits: results.length })
  }),
  flood: afterReady(session => {
    const line = encodeAdapterFrame({
      kind: 'log',
      handler: 1,
      level: 'error',
      message: 'x'.repeat(4_000),
      dropped: 0,
    })
    for (let i = 0; i < 2_000; i++) session.raw(line)
  }),
  'endless-hello': session => {
    for (let i = 0; i < 100; i++) session.send(greeting)
  },
  gigabyte: undefined,
}

/** Announces a message of a gigabyte, and sends as much of it as is taken. */
function gigabyte(): Promise<string> {
  const server = createServer()
  const chunk = Buffer.alloc(65_536)
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => {})
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
    stream.write(Buffer.from([0, 0x40, 0, 0, 0]))
    const more = (): void => {
      if (stream.destroyed) return
      if (stream.write(chunk)) setImmediate(more)
      else stream.once('drain', more)
    }
    more()
  })
  server.on('session', session => session.on('error', () => {}))
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(`127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`)
    })
  })
}

const addresses = await Promise.all(
  harms.map(async harm => {
    const script = scripts[harm]
    return script === undefined ? gigabyte() : (await ScriptedAdapter.listen(script)).address
  }),
)
process.on('disconnect', () => process.exit())
process.send?.(JSON.stringify(addresses))
