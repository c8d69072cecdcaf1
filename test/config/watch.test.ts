import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FolderWatch, type ReadSource } from '../../src/mixer/config/index.js'
import { ManualClock } from '../support/manual-clock.js'

/** A watched folder whose changes can be waited for. */
function watching(t: Tap, path: string) {
  const clock = new ManualClock()
  const heard: (readonly ReadSource[])[] = []
  let wake: (() => void) | undefined
  const watch = new FolderWatch({
    path,
    timer: clock,
    windowMs: 250,
    recheckMs: 10_000,
    onChange: sources => {
      heard.push(sources)
      wake?.()
    },
  })
  t.teardown(() => watch.close())
  const next = () => new Promise<void>(resolve => (wake = resolve))
  /** Resolves when the file system said something, that is when the window has been opened. */
  const noticed = async () => {
    while (clock.pending < 2) await new Promise(resolve => setImmediate(resolve))
  }
  const texts = () => heard.map(sources => sources.map(source => ('text' in source ? source.text : 'fault')))
  return { clock, watch, next, noticed, texts }
}

type Tap = Pick<typeof t, 'teardown'>

t.test('changes within the window are told once', async t => {
  const root = t.testdir({ 'a.yaml': 'one' })
  const { clock, watch, next, noticed, texts } = watching(t, root)
  await watch.ready
  await watch.refresh()
  writeFileSync(join(root, 'a.yaml'), 'two')
  mkdirSync(join(root, 'inner'))
  writeFileSync(join(root, 'inner/b.yaml'), 'new')
  await noticed()
  clock.advance(249)
  t.same(texts(), [['one']], 'not before the window is over')
  const told = next()
  clock.advance(1)
  await told
  t.same(texts(), [['one'], ['two', 'new']])
})

t.test('what is the same as before is not told', async t => {
  const root = t.testdir({ 'a.yaml': 'one' })
  const { watch, texts } = watching(t, root)
  await watch.refresh()
  await watch.refresh()
  writeFileSync(join(root, 'a.yaml'), 'one')
  await watch.refresh()
  t.same(texts(), [['one']])
})

t.test('a change that no notification tells is found at the next regular reading', async t => {
  const root = t.testdir({ folder: { 'a.yaml': 'one' } })
  const { clock, watch, next, texts } = watching(t, join(root, 'folder'))
  await watch.refresh()
  await watch.ready
  renameSync(join(root, 'folder'), join(root, 'old'))
  mkdirSync(join(root, 'folder'))
  writeFileSync(join(root, 'folder/a.yaml'), 'two')
  const told = next()
  clock.advance(10_000)
  await told
  t.same(texts().at(-1), ['two'])
})

t.test('a folder that goes away is told as a fault, and as itself when it is back', async t => {
  const root = t.testdir({ folder: { 'a.yaml': 'one' } })
  const { watch, texts } = watching(t, join(root, 'folder'))
  await watch.refresh()
  rmSync(join(root, 'folder'), { recursive: true })
  await watch.refresh()
  mkdirSync(join(root, 'folder'))
  writeFileSync(join(root, 'folder/a.yaml'), 'one')
  await watch.refresh()
  t.same(texts(), [['one'], ['fault'], ['one']])
})

t.test('a receiver that throws does not end the watch', async t => {
  const root = t.testdir({ 'a.yaml': 'one' })
  let told = 0
  const watch = new FolderWatch({
    path: root,
    timer: new ManualClock(),
    onChange: () => {
      told++
      throw new Error('not today')
    },
  })
  t.teardown(() => watch.close())
  await t.rejects(watch.refresh(), /not today/)
  writeFileSync(join(root, 'a.yaml'), 'two')
  await t.rejects(watch.refresh(), /not today/)
  t.equal(told, 2)
})

t.test('after closing nothing is told', async t => {
  const root = t.testdir({ 'a.yaml': 'one' })
  const { clock, watch, texts } = watching(t, root)
  await watch.close()
  await watch.refresh()
  clock.advance(60_000)
  t.same(texts(), [])
  t.equal(clock.pending, 0)
})
