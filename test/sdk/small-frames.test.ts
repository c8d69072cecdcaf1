import { allow, defineAdapter, settings } from '@outboard/adapters-sdk'
import { defaultLimits, encodeAdapterFrame, resolveLimits } from '@outboard/adapters-sdk/protocol'
import t from 'tap'
import { calls, check, configure, memoryProcess, settled } from './support/memory-session.js'
import { hello } from './support/raw-host.js'

function verbose(description = '') {
  return defineAdapter({
    name: 'verbose',
    version: '1',
    description,
    templates: ['listentry'],
    settings: settings.object({ byName: settings.map(settings.integer()) }),
    open: () => ({ check: () => allow({ metadata: { long: 'm'.repeat(20_000) } }) }),
  })
}

const small = { ...hello, limits: resolveLimits({ frameBytes: 16_384 }) }

t.test(
  'A host whose frames are too small for a session is told so, before anything else is sent',
  async t => {
    const host = memoryProcess(verbose()).open()
    host.send({ ...hello, limits: { ...defaultLimits, frameBytes: 16_383 } })
    t.match(host.take(), [
      {
        kind: 'close',
        code: 'PROTOCOL_LIMIT',
        message: 'The host takes frames of 16383 bytes; a session needs 16384',
      },
    ])
    const talkative = memoryProcess(verbose('d'.repeat(20_000))).open()
    talkative.send(small)
    t.match(talkative.take(), [
      { kind: 'close', code: 'PROTOCOL_LIMIT', message: /16384 bytes; the hello has 2\d{4}/ },
    ])
  },
)

t.test('In the smallest frames every answer arrives, or why it does not', async t => {
  const host = memoryProcess(verbose()).open()
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}-${'n'.repeat(1_000)}`, 'x']))
  const long = { ['n'.repeat(20_000)]: 'x' }
  host.send(small, configure(1, 1, { byName: many }), configure(2, 1, { byName: long }), configure(3, 1, {}))
  await settled()
  host.send(calls(check(1, 'x', { handler: 3 })))
  await settled()
  const frames = host.take()
  for (const frame of frames) t.ok(encodeAdapterFrame(frame).length <= 16_384, frame.kind)
  const refused = frames.flatMap(frame => (frame.kind === 'refused' ? [frame] : []))
  t.match(refused, [
    { handler: 1, problems: [{ path: /^byName/, message: /whole number/ }] },
    { handler: 2, problems: [{ message: 'what is wrong does not fit into a frame' }] },
  ])
  t.match(frames.at(-1), { results: [{ id: 1, kind: 'failed', code: 'ADAPTER_LIMIT' }] })
})
