import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Handler } from '@outboard/adapters-sdk'
import t from 'tap'
import { stdio } from '../../src/adapters/stdio/adapter.js'
import { callWith, FakeHost, instanceOf, opener, text } from './support/fakes.js'

// Handlers are opened before it is known whether their configuration goes into force.

/** Settings of a handler that puts its file aside at a size. */
const rotating = (path: string, megabytes: number) => ({
  log_stream: 'ROTATED_FILE',
  output_path: path,
  max_megabytes_before_rotation: megabytes,
})

/** Writes lines of a bit more than 300 kB each. */
async function write(handler: Handler, lines: number): Promise<void> {
  const variables = { note: text('x'.repeat(300_000)) }
  for (let i = 0; i < lines; i++)
    await handler.report([instanceOf('logentry', 'a.b.c', { variables })], callWith())
}

t.test(
  'a handler that is closed without having written leaves the rotation of its file as it was',
  async t => {
    const folder = t.testdir({})
    const path = join(folder, 'a.log')
    const handler = await opener(t, stdio)(rotating(path, 1))
    await write(handler, 3)
    for (const refused of [rotating(path, 100), { log_stream: 'FILE', output_path: path }]) {
      const opened = await stdio.open(refused, new FakeHost())
      await write(handler, 3)
      await opened.close()
      await write(handler, 3)
    }
    t.equal(readdirSync(folder).length, 5, 'three lines a file')
  },
)

t.test('a handler’s rotation holds from its first line on, or when its predecessor has closed', async t => {
  const folder = t.testdir({})
  const path = join(folder, 'a.log')
  const before = await stdio.open(rotating(path, 100), new FakeHost())
  await write(before, 4)
  const next = await opener(t, stdio)(rotating(path, 1))
  await write(before, 1)
  t.equal(readdirSync(folder).length, 1)
  await write(next, 1)
  t.equal(readdirSync(folder).length, 2, 'it has written')
  await write(before, 3)
  t.equal(readdirSync(folder).length, 3, 'lines that were left do not bring the old rotation back')
  await before.close()
  const last = await opener(t, stdio)({ log_stream: 'FILE', output_path: path })
  await next.close()
  await write(last, 4)
  t.equal(readdirSync(folder).length, 3, 'it is the only one that is left')
})
