import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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
  /** Lets windows pass, one by one, until something is told. */
  const told = async () => {
    let isTold = false
    void next().then(() => {
      isTold = true
    })
    while (!isTold) {
      if (clock.pending >= 2) clock.advance(250)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  const texts = () => heard.map(sources => sources.map(source => ('text' in source ? source.text : 'fault')))
  return { clock, watch, noticed, told, texts }
}

type Tap = Pick<typeof t, 'teardown'>

t.test('changes within the window are told once', async t => {
  const root = t.testdir({ 'a.yaml': 'one' })
  const { clock, watch, noticed, told, texts } = watching(t, root)
  await watch.ready
  await watch.refresh()
  writeFileSync(join(root, 'a.yaml'), 'two')
  mkdirSync(join(root, 'inner'))
  writeFileSync(join(root, 'inner/b.yaml'), 'new')
  await noticed()
  clock.advance(249)
  t.same(texts(), [['one']], 'not before the window is over')
  clock.advance(1)
  await noticed()
  t.same(texts(), [['one']], 'not before it was read the same twice')
  await told()
  t.same(texts(), [['one'], ['two', 'new']])
})

/** What a folder is found to hold, reading by reading; the answer lets the next window pass and its reading happen. */
async function found(t: Tap & { testdir(): string }, readings: readonly string[]) {
  const clock = new ManualClock()
  const heard: string[] = []
  let count = 0
  const textOf = (sources: readonly ReadSource[]) =>
    sources.map(each => ('text' in each ? each.text : 'fault')).join()
  const watch = new FolderWatch({
    path: t.testdir(),
    timer: clock,
    windowMs: 250,
    settleMs: 100,
    recheckMs: 10_000,
    read: async () => [{ file: 'a.yaml', text: readings[count++] ?? 'the end' }],
    onChange: sources => {
      heard.push(textOf(sources))
    },
  })
  t.teardown(() => watch.close())
  await watch.refresh()
  const pass = async (ms: number) => {
    clock.advance(ms)
    for (let i = 0; i < 5; i++) await Promise.resolve()
  }
  return { heard, pass }
}

t.test('a file that is being written is told when it rests, and nothing that stood there before', async t => {
  const { heard, pass } = await found(t, ['one', '', 'tw', 'two', 'two', 'two'])
  await pass(10_000)
  for (let i = 0; i < 2; i++) await pass(100)
  t.same(heard, ['one'])
  await pass(100)
  t.same(heard, ['one', 'two'])
  await pass(10_000)
  t.same(heard, ['one', 'two'])
})

t.test(
  'a change that is taken back before it rests is none; one that rests is told, also an empty file',
  async t => {
    const { heard, pass } = await found(t, ['one', '', 'one', '', ''])
    await pass(10_000)
    await pass(100)
    t.same(heard, ['one'])
    await pass(9_900)
    await pass(100)
    t.same(heard, ['one', ''])
  },
)

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
  const { clock, watch, told, texts } = watching(t, join(root, 'folder'))
  await watch.refresh()
  await watch.ready
  renameSync(join(root, 'folder'), join(root, 'old'))
  mkdirSync(join(root, 'folder'))
  writeFileSync(join(root, 'folder/a.yaml'), 'two')
  clock.advance(10_000)
  await told()
  t.same(texts().at(-1), ['two'])
})

t.test('a path that is a link and comes to lead elsewhere is watched where it leads', async t => {
  const root = t.testdir({ old: { 'a.yaml': 'one' }, new: { 'a.yaml': 'two' } })
  const link = join(root, 'current')
  symlinkSync('old', link)
  const { clock, watch, noticed, told, texts } = watching(t, link)
  await watch.refresh()
  await watch.ready
  symlinkSync('new', join(root, 'next'))
  renameSync(join(root, 'next'), link)
  clock.advance(10_000)
  await told()
  t.same(texts().at(-1), ['two'])
  // Put there again and again, because nobody says when the new watcher is there.
  const writing = setInterval(() => {
    writeFileSync(join(root, 'a'), 'three')
    renameSync(join(root, 'a'), join(root, 'new/a.yaml'))
  }, 20)
  await noticed()
  await told()
  clearInterval(writing)
  t.same(texts().at(-1), ['three'])
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
