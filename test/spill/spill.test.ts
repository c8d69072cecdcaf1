import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtinTemplate, type TemplateDefinition } from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t from 'tap'
import type { ReportBatch } from '../../src/mixer/engine/ports.js'
import { decodeBatch, encodeBatch } from '../../src/mixer/spill/batch-file.js'
import { folderOf, nameOf, readName } from '../../src/mixer/spill/file-name.js'
import { FolderTakenError, Spill } from '../../src/mixer/spill/index.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { shortFolder } from '../support/short-folder.js'

const template = builtinTemplate('metric') as TemplateDefinition
const megabyte = 1_000_000

function batchOf(id: string, ...values: string[]): ReportBatch {
  const questions = values.map(value => ({
    instanceName: 'i.instance.ns',
    template,
    record: undefined,
    bytes: new TextEncoder().encode(value),
  }))
  return { id, questions }
}

async function opened(folder: string, maxBytes = megabyte) {
  const telemetry = new CountingTelemetry()
  const spill = await Spill.open({ folder, maxBytes, telemetry })
  return { spill, telemetry, store: spill.of('h.handler.ns') }
}

function batchFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.batch'))
    .sort()
    .map(name => join(folder, name))
}

const anyBatch = fc.record({
  id: fc.string(),
  questions: fc.array(
    fc.record({
      instanceName: fc.string(),
      template: fc.constant(template),
      record: fc.constant(undefined),
      bytes: fc.uint8Array({ maxLength: 300 }),
    }),
    { minLength: 1, maxLength: 20 },
  ),
})

t.test('a batch is read as it was written', async t => {
  fc.assert(
    fc.property(anyBatch, batch => {
      const read = decodeBatch(encodeBatch(batch), template)
      t.equal(read.id, batch.id)
      t.same(
        read.questions.map(({ instanceName, bytes }) => [instanceName, [...(bytes ?? [])]]),
        batch.questions.map(({ instanceName, bytes }) => [instanceName, [...bytes]]),
      )
    }),
    { numRuns: 50 },
  )
})

t.test('a file that was cut, or changed anywhere, is refused', async () => {
  fc.assert(
    fc.property(anyBatch, fc.nat(), fc.integer({ min: 1, max: 255 }), (batch, at, change) => {
      const file = encodeBatch(batch)
      const changed = Buffer.from(file)
      changed[at % file.length] = (changed[at % file.length] ?? 0) ^ change
      for (const bad of [changed, file.subarray(0, at % file.length)])
        try {
          decodeBatch(bad, template)
          return false
        } catch (thrown) {
          if (!(thrown instanceof RangeError)) throw thrown
        }
      return true
    }),
  )
})

t.test('names of files are read as they were made, and none that is too long is made', async t => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat({ max: 999_999_999 }),
      fc.nat(),
      fc.string({ minLength: 1 }),
      (sequence, instances, bytes, name) => {
        const about = { sequence, instances, bytes, template: name }
        const file = nameOf(about)
        if (file === undefined) return encodeURIComponent(name).length > 190
        t.ok(file.length <= 251 && !file.includes('/'))
        t.same(readName(file), about)
        return true
      },
    ),
  )
  t.equal(readName('000000000001.1.1.%zz.batch'), undefined)
  t.equal(readName('notes.txt'), undefined)
  t.equal(folderOf('../../etc'), 'h-..%2F..%2Fetc')
  t.ok(folderOf('x'.repeat(300)).length < 100)
  t.not(folderOf('x'.repeat(300)), folderOf('y'.repeat(300)))
})

t.test(
  'batches come back in order, also to the next process, and their files go when they are done',
  async t => {
    const folder = shortFolder(t)
    const first = await opened(folder)
    for (const id of ['a', 'b', 'c'])
      t.equal(await first.store.keep('metric', batchOf(id, `of ${id}`)), 'kept')
    const taken = await first.store.take(template)
    t.equal(taken?.id, 'a')
    t.equal((await first.store.take(template))?.id, 'b', 'while a is out')
    taken?.done()
    await first.spill.close()
    t.equal(batchFiles(folder).length, 2)
    t.equal(statSync(batchFiles(folder)[0] ?? '').mode & 0o777, 0o600)
    const second = await opened(folder)
    t.same(second.store.templates(), ['metric'])
    await second.store.keep('metric', batchOf('d', 'of d'))
    for (const id of ['b', 'c', 'd']) {
      const next = await second.store.take(template)
      t.match(next, { id, questions: [{ instanceName: 'i.instance.ns', bytes: Buffer.from(`of ${id}`) }] })
      next?.done()
    }
    t.equal(await second.store.take(template), undefined)
    await second.spill.close()
    t.same(batchFiles(folder), [])
  },
)

t.test('a batch that is put back is told of, and comes first again', async t => {
  const { store, spill } = await opened(shortFolder(t))
  await store.keep('metric', batchOf('a', '1'))
  await store.keep('metric', batchOf('b', '2'))
  let told = 0
  const stop = store.onKept(() => told++)
  const taken = await store.take(template)
  taken?.putBack()
  t.equal(told, 1)
  t.equal((await store.take(template))?.id, 'a')
  stop()
  await store.keep('metric', batchOf('c', '3'))
  t.equal(told, 1)
  await spill.close()
})

t.test('a file that cannot be read is counted and removed, and the next one is given', async t => {
  const folder = shortFolder(t)
  const first = await opened(folder)
  await first.store.keep('metric', batchOf('a', '1', '2'))
  await first.store.keep('metric', batchOf('b', '3'))
  await first.spill.close()
  const [broken = ''] = batchFiles(folder)
  writeFileSync(broken, readFileSync(broken).subarray(0, 20))
  writeFileSync(join(folder, 'h-h.handler.ns', `${'0'.repeat(12)}.1.1.metric.batch.tmp`), 'half')
  const second = await opened(folder)
  t.equal((await second.store.take(template))?.id, 'b')
  t.equal(second.telemetry.count('outboard_report_spill_failures_total', { operation: 'read' }), 1)
  t.equal(
    second.telemetry.count('outboard_reports_dropped_total', {
      handler: 'h.handler.ns',
      reason: 'unreadable',
    }),
    2,
  )
  await second.spill.close()
  t.equal(batchFiles(folder).length, 1)
  t.same(readdirSync(join(folder, 'h-h.handler.ns')).length, 1, 'what was never finished has gone, too')
})

t.test('bytes are bounded for all handlers together, and are free again when a batch is done', async t => {
  const { store, spill } = await opened(shortFolder(t), 1_000)
  const other = spill.of('other.handler.ns')
  t.equal(store.hasRoom(900), true)
  await store.keep('metric', batchOf('a', 'x'.repeat(800)))
  t.equal(other.hasRoom(500), false)
  ;(await store.take(template))?.done()
  t.equal(other.hasRoom(500), true)
  await spill.close()
})

t.test('a template whose name no file can have is not kept, and says why', async t => {
  const { store, spill, telemetry } = await opened(shortFolder(t))
  t.equal(await store.keep('x'.repeat(300), batchOf('a', '1')), 'failed')
  t.match(telemetry.lines.at(-1), { event: 'report_spill_failed', facts: { reason: /too long a name/ } })
  await spill.close()
})

t.test(
  'a folder is for one process: the second is refused, until the first has ended or was killed',
  async t => {
    const folder = shortFolder(t)
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const module = new URL(`../../src/mixer/spill/owner.${ending}`, import.meta.url).href
    const script = `import { own } from ${JSON.stringify(module)}
    await own(${JSON.stringify(folder)})
    console.log('owns')
    setInterval(() => {}, 1_000)`
    const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
    })
    t.teardown(() => child.kill('SIGKILL'))
    await new Promise(resolve => child.stdout.once('data', resolve))
    await t.rejects(opened(folder), FolderTakenError)
    const killed = new Promise(resolve => child.once('close', resolve))
    child.kill('SIGKILL')
    await killed
    const next = await opened(folder)
    await t.rejects(opened(folder), FolderTakenError)
    await next.spill.close()
    await (await opened(folder)).spill.close()
  },
)

t.test('what an inherited folder holds is delivered, and the folder removed when it is empty', async t => {
  const folder = shortFolder(t)
  const path = (name: string) => join(folder, name)
  for (const name of ['0', '1', '2']) {
    const { spill, store } = await opened(path(name))
    await store.keep('metric', batchOf(`of ${name}`, name))
    await spill.close()
  }
  const holder = await opened(path('2'))
  const telemetry = new CountingTelemetry()
  const inherited = [path('1'), path('2')]
  const spill = await Spill.open({ folder: path('0'), inherited, maxBytes: megabyte, telemetry })
  await t.rejects(opened(path('1')), FolderTakenError)
  const store = spill.of('h.handler.ns')
  t.equal(store.size, 2)
  t.same(
    telemetry.lines.filter(({ level }) => level === 'warn'),
    [{ level: 'warn', event: 'report_spill_not_inherited', facts: { folder: path('2'), reason: 'in use' } }],
  )
  for (const id of ['of 0', 'of 1']) {
    const batch = await store.take(template)
    t.equal(batch?.id, id)
    batch?.done()
  }
  t.equal(await store.take(template), undefined)
  await store.keep('metric', batchOf('new', 'n'))
  await spill.close()
  t.same(
    batchFiles(folder).map(file => file.slice(folder.length + 1, folder.length + 2)),
    ['0', '2'],
    'what is new is in its own folder',
  )
  t.same(readdirSync(folder).sort(), ['0', '2'])
  await holder.spill.close()
})

t.test('a folder that cannot be made is an error that says so', async t => {
  const folder = shortFolder(t)
  writeFileSync(join(folder, 'file'), '')
  await t.rejects(opened(join(folder, 'file', 'below')), /ENOTDIR|EEXIST/)
  mkdirSync(join(folder, 'x'.repeat(120)))
  await t.rejects(opened(join(folder, 'x'.repeat(120))), /too long for a socket/)
})

t.test('a folder that cannot be made is an error, with what the system says', async t => {
  const { telemetry, spill } = await opened(join(shortFolder(t), 'a', 'b'))
  await spill.close()
  const file = join(shortFolder(t), 'file')
  writeFileSync(file, '')
  for (const [wrong, code] of [
    ['/proc/none', 'ENOENT'],
    ['/proc/none/0', 'ENOENT'],
    [join(file, '0'), 'ENOTDIR'],
    [file, 'EEXIST'],
  ] as const)
    await t.rejects(Spill.open({ folder: wrong, maxBytes: 1_000, telemetry }), { code }, wrong)
})
