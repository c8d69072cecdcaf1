import { type Adapter, allow, deny, type Handler } from '@outboard/adapters-sdk'
import t from 'tap'
import { inProcess } from '../../src/mixer/placements/index.js'
import { contractAdapter } from '../contract/adapter.js'
import { command } from '../contract/asking.js'
import { handlerSpec, RecordingHost } from '../contract/subject.js'

const asking = { dedupId: '', deadline: 2_000_000, traceparent: undefined, onCancel: undefined }

/** A handler of this process that answers every verb with the same. */
async function answering(answer: unknown) {
  const verb = async () => answer
  const complete: Record<keyof Handler, unknown> = {
    check: verb,
    quota: verb,
    report: verb,
    produce: verb,
    close: async () => {},
  }
  const adapter: Adapter = { ...contractAdapter, open: async () => JSON.parse('{}', () => complete) }
  const opened = await inProcess(() => adapter).open(handlerSpec({}, 'h.handler.test'), new RecordingHost())
  if (opened.kind === 'refused') throw new TypeError(JSON.stringify(opened.problems))
  return opened.handler
}

const check = async (answer: unknown) => (await answering(answer)).check(command('x'), asking)
const quota = async (answer: unknown) =>
  (await answering(answer)).quota(command('x'), { amount: 1n, bestEffort: false }, asking)
const produce = async (answer: unknown) => (await answering(answer)).produce(command('x'), asking)

const protocolError = { kind: 'failed', error: { code: 'ADAPTER_PROTOCOL' } }

t.test('a verdict that no session would take is none in this process, either', async t => {
  for (const caching of [
    { validForMs: Number.NaN },
    { validForMs: -1 },
    { validForMs: Number.POSITIVE_INFINITY },
    { validForMs: 1_000, validUses: Number.NaN },
    { validForMs: 1_000, validUses: 1.5 },
    { validForMs: 1_000, validUses: -2 },
  ]) {
    t.match(await check(allow(caching)), protocolError)
    t.match(await check(deny('ABORTED', 'no', caching)), protocolError)
  }
  t.match(await check(allow(JSON.parse('{"validForMs":"1000"}'))), protocolError)
  t.match(await check({ ...deny(7, 'no'), code: 0 }), protocolError, 'a denial with the code of an allow')
  t.match(await check({ kind: 'allow' }), protocolError, 'nothing but a kind')
  t.match(await check({ ...allow(), output: undefined }), protocolError)
  t.match(await check({ kind: 'failed' }), protocolError)
})

t.test('what is within the rule is taken as it is', async t => {
  for (const verdict of [
    allow({ validForMs: 0.5, validUses: 0 }),
    allow({ validForMs: 1_000, validUses: -1 }),
    deny('ABORTED', 'no', { doNotCache: true }),
  ])
    t.equal(await check(verdict), verdict)
})

t.test('a grant, and produced attributes, follow the same rule', async t => {
  for (const validForMs of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    t.match(await quota({ kind: 'granted', amount: 1n, validForMs }), protocolError)
    t.match(await quota({ kind: 'refused', code: 8, message: '', validForMs }), protocolError)
    t.match(await produce({ output: {}, validForMs }), { code: 'ADAPTER_PROTOCOL' })
  }
  t.match(await quota({ kind: 'granted', amount: 1, validForMs: 0 }), protocolError)
  t.match(await quota({ kind: 'failed' }), protocolError)
  t.match(await quota({ kind: 'granted', amount: 1n, validForMs: 0 }), { amount: 1n })
  t.match(await produce({ output: {}, validForMs: undefined }), { output: {} })
})
