import t from 'tap'
import { hostOrSignal } from '../../src/cli/serve/making.js'
import { ManualClock, settled } from '../support/manual-clock.js'
import { TestShell } from './shell.js'

const never = new Promise<never>(() => {})

/** A host that remembers why it was drained. */
function host() {
  const drained: string[] = []
  return { drained, drain: async (reason: string) => void drained.push(reason) }
}

function parts(signal: Promise<string>) {
  return { shell: new TestShell(), clock: new ManualClock(), signal, graceMs: 1_000 }
}

t.test('a host that is made before a signal comes is there, and a failure is told', async t => {
  const made = host()
  t.equal(await hostOrSignal(Promise.resolve(made), parts(never)), made)
  await t.rejects(hostOrSignal(Promise.reject(new Error('no disk')), parts(never)), { message: 'no disk' })
})

t.test('a host that is told to end while it is being made is drained as soon as it is made', async t => {
  const made = host()
  let finish = (_: typeof made) => {}
  const making = new Promise<typeof made>(resolve => {
    finish = resolve
  })
  const waiting = hostOrSignal(making, parts(Promise.resolve('SIGTERM')))
  await settled()
  finish(made)
  t.equal(await waiting, undefined)
  t.same(made.drained, ['SIGTERM'])
})

t.test('after a signal, a failure of making a host is nobody’s business', async t => {
  let fail = (_: Error) => {}
  const making = new Promise<ReturnType<typeof host>>((_, reject) => {
    fail = reject
  })
  const waiting = hostOrSignal(making, parts(Promise.resolve('SIGTERM')))
  await settled()
  fail(new Error('no disk'))
  t.equal(await waiting, undefined)
})

t.test('one that is never made keeps the process from ending only for the grace', async t => {
  const making = parts(Promise.resolve('SIGTERM'))
  const waiting = hostOrSignal(never, making)
  await settled()
  making.clock.advance(1_001)
  await t.rejects(waiting, { message: 'the process would end with 1' })
})
