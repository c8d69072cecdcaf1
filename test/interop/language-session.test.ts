import { encodeInstance } from '@outboard/adapters-sdk'
import { encodeHostFrame, type HostFrame, type WireCall } from '@outboard/adapters-sdk/protocol'
import t, { type Test } from 'tap'
import { asking, command, template } from '../contract/asking.js'
import { connection, placements } from '../contract/serving.js'
import { World } from '../contract/subject.js'
import { hello, RawHost } from '../sdk/support/raw-host.js'
import { pythonExample } from './support/examples.js'
import { missing } from './support/needed.js'

const skip = missing('python') ?? false

const configure: HostFrame = {
  kind: 'configure',
  handler: 1,
  generation: 1,
  id: 'h',
  adapter: '',
  settings: '{}',
  instances: [],
}

function question(text: string): Uint8Array {
  const fields = { value: { type: 'STRING', value: text } } as const
  return encodeInstance(template('listentry'), { name: 'a', template: 'listentry', fields })
}

function call(id: number, text: string, more: Partial<WireCall> = {}): WireCall {
  const instances = [question(text)]
  const wire = { id, handler: 1, generation: 1, template: 1, verb: 'check', deadlineMs: 0 } as const
  return { ...wire, dedupId: '', traceparent: '', instances, quota: undefined, ...more }
}

const calls = (...some: readonly WireCall[]): HostFrame => ({ kind: 'calls', calls: some })

t.test('the session in Python, written from its document alone', { skip }, async t => {
  const { address, child } = await pythonExample(t, 'python-session', 'contract')
  const open = async (t: Test) => {
    const host = new RawHost(address)
    t.teardown(() => host.cut())
    host.send(hello, configure)
    const { credits } = await host.expect('hello')
    await host.expect('ready')
    return { host, credits }
  }

  t.test('results that are ready together leave together, with their credits', async t => {
    const { host } = await open(t)
    host.send(calls(...Array.from({ length: 200 }, (_, i) => call(i + 1, 'allow'))))
    let [frames, results, credits] = [0, 0, 0]
    while (results < 200) {
      const frame = await host.expect('results')
      frames++
      results += frame.results.length
      credits += frame.credits
    }
    t.equal(credits, 200)
    t.ok(frames < 50, `200 results came in ${frames} frames`)
  })

  t.test('each breach ends its own session, with the reason', async t => {
    const other = await open(t)
    const breaches: readonly (readonly [code: string, bytes: (credits: number) => Uint8Array])[] = [
      ['PROTOCOL_DUPLICATE_CALL', () => encodeHostFrame(calls(call(5, 'allow'), call(5, 'allow')))],
      ['PROTOCOL_DUPLICATE_CALL', () => encodeHostFrame(calls(call(0, 'allow')))],
      ['PROTOCOL_UNEXPECTED_FRAME', () => encodeHostFrame(hello)],
      ['PROTOCOL_HANDLER_NUMBER', () => encodeHostFrame(configure)],
      ['PROTOCOL_MALFORMED', () => Buffer.from('ffffffffffffffffffff', 'hex')],
      ['PROTOCOL_FRAME_TOO_LARGE', () => Buffer.alloc(1_048_577)],
      [
        'PROTOCOL_NO_CREDIT',
        credits =>
          encodeHostFrame(calls(...Array.from({ length: credits + 1 }, (_, i) => call(i + 1, 'wait')))),
      ],
    ]
    for (const [code, bytes] of breaches) {
      const { host, credits } = await open(t)
      host.sendRaw(bytes(credits))
      for (;;) {
        const frame = await host.next()
        if (frame.kind === 'close') {
          t.equal(frame.code, code)
          break
        }
      }
      t.equal(await host.end(), 'end')
    }
    other.host.send({ kind: 'ping', nonce: 7 })
    t.equal((await other.host.expect('pong')).nonce, 7, 'another session goes on')
  })

  t.test('a call that cannot be asked fails alone', async t => {
    const { host } = await open(t)
    host.send(
      calls(
        call(1, 'allow', { handler: 9 }),
        call(2, 'allow', { template: 77 }),
        call(3, 'allow', { verb: 'report' }),
        call(4, 'allow', { instances: [Buffer.from('ff', 'hex')] }),
        call(5, 'allow'),
      ),
    )
    const said = new Map<number, string>()
    while (said.size < 5)
      for (const result of (await host.expect('results')).results)
        said.set(result.id, result.kind === 'failed' ? result.code : result.kind)
    t.same(
      [1, 2, 3, 4, 5].map(id => said.get(id)),
      ['ADAPTER_UNCONFIGURED', 'ADAPTER_PROTOCOL', 'ADAPTER_PROTOCOL', 'ADAPTER_PROTOCOL', 'verdict'],
    )
  })

  t.test('a process that is told to end finishes what is under way', async t => {
    const world = new World({
      placement: placements().byName.session,
      gaps: [],
      spec: { connection: connection(address) },
    })
    const handler = await world.open()
    const waiting = Array.from({ length: 50 }, () => handler.check(command('later 300'), asking()))
    await handler.check(command('allow'), asking())
    process.kill(child.pid, 'SIGTERM')
    const kinds = (await Promise.all(waiting)).map(({ kind }) => kind)
    t.equal(kinds.filter(kind => kind === 'allow').length, 50, 'all 50 were answered')
    await world.close()
    await child.says(/ended: 0/)
  })
})
