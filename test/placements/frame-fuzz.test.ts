import { AdapterError, type Verdict } from '@outboard/adapters-sdk'
import { type AdapterFrame, encodeAdapterFrame } from '@outboard/adapters-sdk/protocol'
import fc from 'fast-check'
import t from 'tap'
import { CheckCall } from '../../src/mixer/placements/calls/remote-call.js'
import type { LinkOpened } from '../../src/mixer/placements/link.js'
import { resolveRemote } from '../../src/mixer/placements/options.js'
import { SessionLink } from '../../src/mixer/placements/session/session-link.js'
import { silent } from '../../src/mixer/telemetry/index.js'
import { asking, command } from '../contract/asking.js'
import { handlerSpec, RecordingHost } from '../contract/subject.js'
import { ManualClock, settled } from '../support/manual-clock.js'
import { hello, verdictFor } from './support/scripted-adapter.js'

/** How many sessions are fed mutated frames; OUTBOARD_FUZZ makes it longer. */
const runs = Number(process.env.OUTBOARD_FUZZ ?? 1_000)

/** Frames as good adapters send them. */
const frames: readonly AdapterFrame[] = [
  { kind: 'ready', handler: 1, generation: 1 },
  {
    kind: 'refused',
    handler: 1,
    generation: 1,
    problems: [{ path: 'a.b', message: 'is wrong' }],
    retryable: false,
  },
  {
    kind: 'results',
    results: [verdictFor(1), { kind: 'failed', id: 2, code: 'ADAPTER_CRASHED', message: 'x' }],
    credits: 2,
  },
  {
    kind: 'results',
    results: [{ kind: 'grant', id: 1, grant: { kind: 'granted', amount: -5n, validForMs: 3 } }],
    credits: 1,
  },
  {
    kind: 'results',
    results: [{ kind: 'produced', id: 2, output: new Uint8Array([10, 1, 65]), validForMs: 9 }],
    credits: 1,
  },
  { kind: 'credit', credits: 3 },
  { kind: 'ping', nonce: 7 },
  { kind: 'drain', reason: 'upgrade' },
  { kind: 'invalidate', handler: 1, keys: ['k'] },
  { kind: 'log', handler: 1, level: 'warn', message: 'hm', dropped: 2 },
  { kind: 'removed', handler: 1, generation: 1 },
  { kind: 'close', code: 'OK', message: 'bye' },
  hello(),
]
const encoded = frames.map(encodeAdapterFrame)

/** Changes, removes or repeats some bytes of a frame. */
const mutated = fc
  .tuple(
    fc.constantFrom(...encoded),
    fc.array(fc.tuple(fc.nat({ max: 65_535 }), fc.nat({ max: 255 })), { maxLength: 4 }),
    fc.option(fc.nat({ max: 65_535 }), { nil: undefined }),
  )
  .map(([frame, edits, cut]) => {
    const bytes = Buffer.from(frame)
    for (const [at, byte] of edits) bytes[at % Math.max(1, bytes.length)] = byte
    return cut === undefined ? bytes : bytes.subarray(0, cut % (bytes.length + 1))
  })

/** A session with two calls under way, fed with whatever comes. */
class Fed {
  readonly clock = new ManualClock()
  readonly ended: AdapterError[] = []
  readonly shut: Buffer[] = []
  readonly answers: Verdict[] = []
  readonly link: SessionLink
  opened: LinkOpened | undefined
  written = 0

  constructor() {
    const pipe = {
      carrier: 'socket' as const,
      queuedBytes: 0,
      write: (frame: Buffer) => {
        this.written += frame.length
        return true
      },
      shut: (frame: Buffer) => void this.shut.push(frame),
    }
    const events = { draining: () => {}, ended: (error: AdapterError) => void this.ended.push(error) }
    const remote = resolveRemote({ clock: this.clock, telemetry: silent })
    this.link = new SessionLink(hello(), pipe, events, remote)
  }

  async start(): Promise<void> {
    const handler = { spec: handlerSpec({}, 'h.handler.test'), host: new RecordingHost() }
    const opening = this.link.open(handler)
    this.link.frame(encodeAdapterFrame({ kind: 'ready', handler: 1, generation: 1 }))
    this.opened = await opening
    for (let i = 0; i < 2; i++) this.ask()
    await settled()
  }

  ask(): void {
    if (this.opened?.kind !== 'ready') return
    const asked = command('x')
    const sender = {
      unanswered: (call: { fail(error: AdapterError): void }, error: AdapterError) => call.fail(error),
      settled: () => {},
      movable: () => false,
    }
    const bytes = { instances: [asked.bytes ?? new Uint8Array()], bytes: 10 }
    const call = new CheckCall(sender, asked, bytes, asking(), verdict => void this.answers.push(verdict))
    call.carrier = this.opened.handler
    this.opened.handler.send(call)
  }
}

t.test(
  'whatever bytes an adapter sends, its session lives or ends with one reason, and nobody waits for ever',
  async t => {
    await fc.assert(
      fc.asyncProperty(fc.array(mutated, { minLength: 1, maxLength: 6 }), async sent => {
        const fed = new Fed()
        await fed.start()
        for (const frame of sent) fed.link.frame(frame)
        if (fed.ended.length > 1 || fed.shut.length !== fed.ended.length) return false
        if (fed.ended.length === 1 && fed.answers.length !== 2) return false
        fed.link.destroy(new AdapterError('ADAPTER_UNAVAILABLE', 'over'))
        return (
          fed.answers.length === 2 &&
          fed.ended.length === 1 &&
          fed.link.inFlight === 0 &&
          fed.clock.pending === 0
        )
      }),
      { numRuns: runs, endOnFailure: true },
    )
    t.pass(`${runs} sessions`)
  },
)

t.test('bytes of chance are no frames that break anything', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 4 }),
      async sent => {
        const fed = new Fed()
        await fed.start()
        for (const frame of sent) fed.link.frame(Buffer.from(frame))
        return fed.ended.length <= 1 && (fed.ended.length === 0 || fed.answers.length === 2)
      },
    ),
    { numRuns: Math.ceil(runs / 3), endOnFailure: true },
  )
  t.pass()
})
