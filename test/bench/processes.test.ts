import t from 'tap'
import { Child, ProcessError, sibling } from '../../src/bench/process/child.js'
import { jsonOf } from '../../src/bench/process/outboard.js'
import { partOf } from '../../src/bench/process/program-part.js'
import { Scratch } from '../../src/bench/process/scratch.js'

function busy(): Child {
  return new Child({ name: 'busy process', script: sibling('./programs/busy', import.meta.url) })
}

t.test('a process tells the CPU it used between begin and end, and no more', async t => {
  const child = busy()
  t.teardown(() => child.stop())
  await child.ask('burn', { us: 100_000 })
  await child.begin()
  const burnt = Number(await child.ask('burn', { us: 200_000 }))
  const used = await child.end()
  t.ok(used.cpuUs >= burnt, `${used.cpuUs} of ${burnt}`)
  await child.begin()
  const idle = await child.end()
  t.ok(idle.cpuUs < burnt, 'a window of nothing holds nothing of the one before')
  t.ok(used.wallMs > 0)
  t.ok(used.peakRssBytes > 20_000_000)
  t.ok((await child.rssBytes()) > 20_000_000)
})

t.test('a process tells what it allocated, collected or not', async t => {
  const child = busy()
  t.teardown(() => child.stop())
  await child.ask('allocate', { count: 1_000 })
  await child.begin()
  await child.ask('allocate', { count: 100_000 })
  const { allocatedBytes = 0, gcMs = 0 } = await child.end()
  const least = 100_000 * 128 * 8
  t.ok(allocatedBytes >= least, `${allocatedBytes} of at least ${least}`)
  t.ok(allocatedBytes < 20 * least)
  t.ok(gcMs > 0, 'so much cannot stay')
})

t.test('a process tells where its time went', async t => {
  const child = busy()
  t.teardown(() => child.stop())
  await child.beginProfile()
  await child.ask('burn', { us: 150_000 })
  const profile = await child.endProfile()
  for (const times of [profile.functions, profile.parts]) {
    t.ok(times.length > 0)
    t.ok(times.every(({ share }) => share >= 0 && share <= 1))
    t.notOk(times.some(({ name }) => name === '(idle)'))
  }
  t.ok(Math.abs(profile.parts.reduce((sum, { share }) => sum + share, 0) - 1) < 0.001, 'parts are all of it')
})

t.test('a function belongs to a part of the program', async t => {
  const cases = [
    ['(garbage collector)', '', 'garbage collection'],
    ['emit', 'node:events', 'Node'],
    ['respond', 'node:internal/http2/core', 'Node, HTTP/2'],
    ['check', 'file:///x/dist/src/mixer/engine/check.js', 'engine'],
    ['find', 'file:///x/dist/src/adapters/list/entries.js', 'built-in adapters'],
    ['read', 'file:///x/adapters-sdk/dist/protocol/host-frames.js', 'SDK, protocol'],
    ['write', 'file:///x/node_modules/@grpc/grpc-js/build/src/call.js', 'package @grpc/grpc-js'],
    ['utf8Slice', '', 'native functions'],
    ['x', 'file:///y.js', 'other'],
  ] as const
  for (const [name, url, part] of cases) t.equal(partOf(name, url), part)
})

t.test('an answer that is an error, and a process that ends, reject', async t => {
  const child = busy()
  await child.printed('its address', line => jsonOf(line)?.maybeText('address'))
  await t.rejects(child.ask('fail', {}), /as it was asked to/)
  await t.rejects(child.ask('nothing like it', {}), /does not know the question/)
  await t.rejects(child.ask('end', {}), ProcessError)
  await t.rejects(child.begin(), /ended with code 3/)
  await t.rejects(
    child.printed('more', () => undefined),
    ProcessError,
  )
  await child.stop()
})

t.test('a scratch closes what it keeps, in whatever state it is, and removes its folder', async t => {
  const { existsSync } = await import('node:fs')
  const scratch = new Scratch()
  const child = scratch.keep(busy())
  scratch.keep({ stop: () => Promise.reject(new Error('will not')) })
  await child.printed('its address', line => jsonOf(line)?.maybeText('address'))
  t.ok(existsSync(scratch.folder))
  await scratch.close()
  t.notOk(existsSync(scratch.folder))
  await t.rejects(child.begin(), ProcessError)
})
