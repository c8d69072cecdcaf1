import t from 'tap'
import { compileEntries } from '../../src/adapters/list/entries.js'
import { RefreshedList } from '../../src/adapters/list/refreshed-list.js'
import { ManualTime } from './support/fakes.js'

const turn = () => new Promise(resolve => setImmediate(resolve))

/** A list of one text, whose provider answers when the test says so. */
class Scene {
  readonly time = new ManualTime()
  readonly logged: string[] = []
  withdrawals = 0
  fetches = 0
  #answer: ((body: string) => void) | undefined
  #fail: ((error: Error) => void) | undefined
  readonly list: RefreshedList

  constructor(refreshIntervalMs: number, ttlMs: number) {
    this.list = new RefreshedList(
      { refreshIntervalMs, ttlMs },
      {
        fetch: () => {
          this.fetches++
          return new Promise((resolve, reject) => {
            this.#answer = resolve
            this.#fail = reject
          })
        },
        compile: body => compileEntries('STRINGS', [body]),
        now: () => this.time.nowMs,
        timers: this.time,
        log: (_level, message) => this.logged.push(message),
        changed: () => this.withdrawals++,
      },
    )
  }

  /** The first fetch, which takes this long. */
  async started(body: string, takesMs: number): Promise<void> {
    const starting = this.list.start()
    this.time.advance(takesMs)
    this.#answer?.(body)
    await starting
  }

  async answer(body: string): Promise<void> {
    this.#answer?.(body)
    await turn()
  }

  async fail(message: string): Promise<void> {
    this.#fail?.(new Error(message))
    await turn()
  }

  /** Whether the list holds now, and holds this text. */
  holds(text: string): boolean {
    const state = this.list.current()
    return state.at === 'loaded' && state.entries.find(text) === 'yes'
  }
}

t.test('fetches begin at the interval, however long they take', async t => {
  const scene = new Scene(10_000, 60_000)
  await scene.started('a', 4_000)
  scene.time.advance(5_999)
  t.equal(scene.fetches, 1)
  scene.time.advance(1)
  t.equal(scene.fetches, 2, 'ten seconds after the first one began')
  scene.time.advance(25_000)
  t.equal(scene.fetches, 2, 'one at a time')
  await scene.answer('a')
  scene.time.advance(0)
  t.equal(scene.fetches, 3, 'one that took longer than the interval is followed at once')
})

t.test('a healthy provider keeps a list alive, also when its ttl is no longer than the interval', async t => {
  for (const takesMs of [0, 400, 9_999, 15_000]) {
    const scene = new Scene(10_000, 10_000)
    await scene.started('a', takesMs)
    let held = true
    for (let i = 0; i < 5; i++) {
      while (scene.fetches < 2 + i) {
        held &&= scene.holds('a')
        scene.time.advance(1)
      }
      scene.time.advance(takesMs)
      held &&= scene.holds('a')
      await scene.answer('a')
    }
    t.ok(held, `with fetches of ${takesMs} ms`)
    t.equal(scene.withdrawals, 1, 'for the first list')
    t.same(scene.logged, ['the list holds 1 entries'])
  }
})

t.test('a fetch that is under way holds the end of a list back until it has failed', async t => {
  const scene = new Scene(10_000, 12_000)
  await scene.started('a', 0)
  scene.time.advance(10_000)
  t.equal(scene.fetches, 2)
  scene.time.advance(9_000)
  t.ok(scene.holds('a'), 'seven seconds beyond its ttl')
  await scene.fail('no answer')
  t.notOk(scene.holds('a'))
  t.match(scene.list.current(), { at: 'missing', reason: 'the list has expired: no answer' })
  t.equal(scene.withdrawals, 2)
  t.equal(scene.time.pending, 1, 'the next fetch')
})

t.test('a list ends with its ttl when the last fetch has failed and the next is not due', async t => {
  const scene = new Scene(10_000, 12_000)
  await scene.started('a', 0)
  scene.time.advance(10_000)
  await scene.fail('status 503')
  scene.time.advance(1_999)
  t.ok(scene.holds('a'))
  scene.time.advance(1)
  t.equal(scene.withdrawals, 2, 'without anybody asking')
  t.notOk(scene.holds('a'))
})

t.test('a provider that hangs again and again does not keep a list alive', async t => {
  const scene = new Scene(1_000, 15_000)
  await scene.started('a', 0)
  let heldMs = 0
  for (let i = 0; i < 3; i++) {
    while (scene.fetches < 2 + i) scene.time.advance(1)
    scene.time.advance(10_000)
    if (scene.holds('a')) heldMs = scene.time.nowMs
    await scene.fail('no complete answer within 10000 ms')
  }
  t.notOk(scene.holds('a'))
  t.equal(scene.withdrawals, 2)
  t.ok(heldMs > 0)
})

t.test('a list that comes back as it was withdraws nothing; one that is another does', async t => {
  const scene = new Scene(10_000, 10_000)
  await scene.started('a', 0)
  for (const [body, withdrawals] of [
    ['a', 2],
    ['b', 4],
  ] as const) {
    scene.time.advance(10_000)
    await scene.fail('status 503')
    t.notOk(scene.holds('a'))
    scene.time.advance(10_000)
    await scene.answer(body)
    t.ok(scene.holds(body))
    t.equal(scene.withdrawals, withdrawals)
  }
})
