import t from 'tap'
import type { PlacedHandler } from '../../src/mixer/engine/ports.js'
import { asking, command } from '../contract/asking.js'
import { Handlers } from './support/opened.js'
import { ScriptedAdapter, wellBehaved } from './support/scripted-adapter.js'

/** Begins that many checks, each in a callback of its own, all in one turn of the event loop: as requests arrive. */
async function burst(handler: PlacedHandler, calls: number): Promise<void> {
  const begun = Array.from(
    { length: calls },
    () =>
      new Promise<void>((resolve, reject) => {
        setImmediate(() => handler.check(command('allow'), asking()).then(() => resolve(), reject))
      }),
  )
  await Promise.all(begun)
}

t.test('a lone call leaves at once, and calls that come together leave together', async t => {
  const together: number[] = []
  const adapter = await ScriptedAdapter.listen((session, frame) => {
    if (frame.kind === 'calls') together.push(frame.calls.length)
    wellBehaved(session, frame)
  })
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    await adapter.close()
  })
  const handler = await handlers.open('session', [adapter.address])
  const seen = async (work: Promise<unknown>) => {
    await work
    return together.splice(0)
  }
  t.same(await seen(burst(handler, 1)), [1])
  t.same(await seen(burst(handler, 4)), [1, 3], 'the first of them could not know of the others')
  t.same(await seen(burst(handler, 4)), [4], 'the next time it waits for them')
  t.same(await seen(burst(handler, 1)), [1])
  const atOnce = () => handler.check(command('allow'), asking())
  t.same(await seen(Promise.all([atOnce(), atOnce(), atOnce()])), [3], 'what one callback asks is one frame')
})
