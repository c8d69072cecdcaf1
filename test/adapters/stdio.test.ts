import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Handler } from '@outboard/adapters-sdk'
import t from 'tap'
import { makeStdio, stdio } from '../../src/adapters/stdio/adapter.js'
import { backupPath, pruneBackups } from '../../src/adapters/stdio/backups.js'
import { DescriptorTarget } from '../../src/adapters/stdio/descriptor-target.js'
import { FileTarget } from '../../src/adapters/stdio/file-target.js'
import { LineSink } from '../../src/adapters/stdio/sink.js'
import { Sinks } from '../../src/adapters/stdio/sinks.js'
import { callWith, FakeHost, instanceOf, int, ManualTime, opener, rejection, text } from './support/fakes.js'

function write(handler: Handler, ...notes: string[]) {
  const instances = notes.map(note => instanceOf('logentry', 'a.b.c', { variables: { note: text(note) } }))
  return handler.report(instances, callWith())
}

/** The notes of the lines in a file, which ends with a whole line. */
function notesIn(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  const rest = lines.pop()
  if (rest !== '') throw new Error(`half a line: ${rest}`)
  return lines.map(line => JSON.parse(line).note)
}

t.test('stdio writes to standard output and standard error of its process', async t => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const program = new URL(`./support/stdio-program.${extension}`, import.meta.url)
  const child = spawn(process.execPath, [...process.execArgv, program.pathname], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', chunk => {
    out += chunk
  })
  child.stderr.on('data', chunk => {
    err += chunk
  })
  const [code] = await once(child, 'close')
  t.equal(code, 0, err)
  t.match(out, /^{"level":"info","time":"[^"]+","instance":"m\.instance\.test","value":1}\n$/)
  t.match(err, /\terror\tl\.instance\.test\t{"note":"hello"}\n/)
})

t.test('stdio appends to a file, and answers when the lines are there', async t => {
  const path = join(t.testdir({ 'log.json': '{"note":"old"}\n' }), 'log.json')
  const handler = await opener(t, stdio)({ log_stream: 'FILE', output_path: path })
  await write(handler, 'a', 'b')
  t.same(notesIn(path), ['old', 'a', 'b'])
  await Promise.all([write(handler, 'c'), write(handler, 'd'), write(handler, 'e')])
  t.same(notesIn(path), ['old', 'a', 'b', 'c', 'd', 'e'])
})

t.test('two handlers of one file share it, and it stays open for the one that is left', async t => {
  const path = join(t.testdir({}), 'sub', 'log.json')
  const settings = { log_stream: 'FILE', output_path: path }
  const one = await stdio.open(settings, new FakeHost())
  const two = await opener(t, stdio)(settings)
  await Promise.all([write(one, 'a'), write(two, 'b')])
  await one.close()
  await write(two, 'c')
  t.same(notesIn(path).sort(), ['a', 'b', 'c'])
})

t.test('a rotated file is put aside when it is full; no line is split or lost', async t => {
  const folder = t.testdir({})
  const path = join(folder, 'access.log')
  const time = new ManualTime(Date.parse('2026-01-31T08:15:00.250Z'))
  const file = new FileTarget(path, { maxBytes: 100, maxFiles: 0, maxAgeMs: 0 }, () => time.nowMs)
  const sink = new LineSink(file)
  const lines = Array.from({ length: 30 }, (_, i) => `${'x'.repeat(i % 3 === 0 ? 60 : 20)} ${i}\n`)
  await sink.append(lines.slice(0, 10).join(''))
  for (const line of lines.slice(10)) {
    time.advance(1)
    await sink.append(line)
  }
  await sink.close()
  const files = readdirSync(folder).sort(
    (a, b) => Number(a === 'access.log') - Number(b === 'access.log') || (a < b ? -1 : 1),
  )
  t.ok(files.length > 5)
  t.match(files[0], /^access-2026-01-31T08-15-00\.25\d\.log$/)
  const contents = files.map(name => readFileSync(join(folder, name), 'utf8'))
  t.equal(contents.join(''), lines.join(''), 'read in order, the files are the lines')
  for (const content of contents)
    t.ok(content.length <= 100 && content.endsWith('\n'), `${content.length} bytes`)
})

t.test('a line larger than the limit has a file to itself', async t => {
  const folder = t.testdir({})
  const file = new FileTarget(join(folder, 'a.log'), { maxBytes: 10, maxFiles: 0, maxAgeMs: 0 }, () => 0)
  const sink = new LineSink(file)
  await sink.append(`1\n${'2'.repeat(50)}\n3\n`)
  await sink.close()
  const contents = readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8'))
  t.same(contents.sort(), ['1\n', `${'2'.repeat(50)}\n`, '3\n'])
})

t.test('a rotated file is put aside when it has become old', async t => {
  const folder = t.testdir({})
  const path = join(folder, 'a.log')
  const time = new ManualTime()
  const file = new FileTarget(path, { maxBytes: 1e6, maxFiles: 0, maxAgeMs: 86_400_000 }, () => time.nowMs)
  await file.write(Buffer.from('1\n'))
  time.advance(86_399_999)
  await file.write(Buffer.from('2\n'))
  t.same(readdirSync(folder), ['a.log'])
  time.advance(1)
  await file.write(Buffer.from('3\n'))
  await file.close()
  t.equal(readdirSync(folder).length, 2)
  t.equal(readFileSync(path, 'utf8'), '3\n')
})

t.test('rotation keeps the configured number of files and days, and touches no other file', async t => {
  const others = {
    'a-notes.log': '',
    'b-2020-01-01T00-00-00.000.log': '',
    'a-2020-01-01T00-00-00.000.txt': '',
  }
  const folder = t.testdir({ ...others, 'a.log': '' })
  const path = join(folder, 'a.log')
  const day = 86_400_000
  const start = Date.parse('2026-01-01T00:00:00.000Z')
  for (let i = 0; i < 5; i++) writeFileSync(await backupPath(path, start + i * day), '')
  const backups = () => readdirSync(folder).filter(name => /^a-20\d\d.*\.log$/.test(name))
  await pruneBackups(path, { maxFiles: 0, maxAgeMs: 0 }, start + 100 * day)
  t.equal(backups().length, 5, '0 is no limit')
  await pruneBackups(path, { maxFiles: 4, maxAgeMs: 0 }, start + 100 * day)
  t.equal(backups()[0], 'a-2026-01-02T00-00-00.000.log', 'the oldest is gone')
  await pruneBackups(path, { maxFiles: 4, maxAgeMs: 2 * day }, start + 5 * day)
  t.same(backups(), ['a-2026-01-04T00-00-00.000.log', 'a-2026-01-05T00-00-00.000.log'])
  for (const name of Object.keys(others)) t.ok(readdirSync(folder).includes(name), name)
})

t.test('two rotations in one millisecond take different names', async t => {
  const path = join(t.testdir({}), 'a.log')
  const first = await backupPath(path, 0)
  writeFileSync(first, '')
  t.not(await backupPath(path, 0), first)
})

t.test('days are days and files are files: upstream swaps them', async t => {
  const folder = t.testdir({ 'a.log': `${'x'.repeat(1024 * 1024)}\n`, 'a-2025-12-01T00-00-00.000.log': '' })
  for (let i = 10; i < 15; i++) writeFileSync(join(folder, `a-2026-01-${i}T00-00-00.000.log`), '')
  const host = new FakeHost(new ManualTime(Date.parse('2026-01-16T00:00:00Z')))
  const handler = await opener(t, stdio)(
    {
      log_stream: 'ROTATED_FILE',
      output_path: join(folder, 'a.log'),
      max_megabytes_before_rotation: 1,
      max_days_before_rotation: 30,
      max_rotated_files: 4,
    },
    host,
  )
  await write(handler, 'next')
  t.same(readdirSync(folder).sort(), [
    'a-2026-01-12T00-00-00.000.log',
    'a-2026-01-13T00-00-00.000.log',
    'a-2026-01-14T00-00-00.000.log',
    'a-2026-01-16T00-00-00.000.log',
    'a.log',
  ])
})

t.test('LineSink refuses what a slow target cannot take, and goes on when it can', async t => {
  const written: string[] = []
  let finish: () => void = () => {}
  const sink = new LineSink(
    {
      write: bytes =>
        new Promise(done => {
          finish = () => {
            written.push(Buffer.from(bytes).toString())
            done()
          }
        }),
      close: async () => {},
    },
    100,
  )
  const first = sink.append(`${'a'.repeat(59)}\n`)
  await new Promise(resolve => setImmediate(resolve))
  const second = sink.append(`${'b'.repeat(29)}\n`)
  const third = sink.append('c\n')
  t.match(await rejection(sink.append(`${'d'.repeat(29)}\n`)), { code: 'ADAPTER_OVERLOADED' })
  finish()
  await first
  await new Promise(resolve => setImmediate(resolve))
  finish()
  await Promise.all([second, third])
  t.same(
    written.map(text => text.length),
    [60, 32],
    'what waited together is written together',
  )
  const fourth = sink.append(`${'d'.repeat(200)}\n`)
  await new Promise(resolve => setImmediate(resolve))
  finish()
  await fourth
  await sink.close()
})

t.test('a full pipe waits for its reader and holds up nobody else', async t => {
  const path = join(t.testdir({}), 'pipe')
  execFileSync('mkfifo', [path])
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const time = new ManualTime()
  const bytes = Buffer.from('0123456789\n'.repeat(50_000))
  let isDone = false
  const writing = new DescriptorTarget(pipe, time).write(bytes).then(() => {
    isDone = true
  })
  await time.armed(10, 1)
  t.notOk(isDone, 'half a megabyte does not fit into a pipe')
  const chunks: Buffer[] = []
  const chunk = Buffer.alloc(65_536)
  let count = 0
  while (count < bytes.length) {
    const read = readIfAny(pipe, chunk)
    chunks.push(Buffer.from(chunk.subarray(0, read)))
    count += read
    time.advance(10)
    await new Promise(resolve => setImmediate(resolve))
  }
  await writing
  t.ok(Buffer.concat(chunks).equals(bytes), 'every byte came, in order')
  closeSync(pipe)
})

function readIfAny(descriptor: number, into: Buffer): number {
  try {
    return readSync(descriptor, into)
  } catch {
    return 0
  }
}

t.test('a target that fails fails the reports that wait for it, and the next is tried anew', async t => {
  const full = openSync('/dev/full', 'w')
  const adapter = makeStdio({ stdout: full, stderr: 2 }, new Sinks(new ManualTime()))
  const handler = await opener(t, adapter)({})
  for (let i = 0; i < 2; i++) {
    t.match(await rejection(write(handler, 'a')), { code: 'ADAPTER_UNAVAILABLE', message: /ENOSPC/ })
  }
  t.equal(await handler.report([], callWith()), undefined, 'nothing to write is no failure')
})

t.test('stdio refuses settings that cannot work, with their paths', async t => {
  const folder = t.testdir({ file: '' })
  const cases: [unknown, RegExp][] = [
    [{ log_stream: 'FILE' }, /^outputPath: is needed/],
    [{ log_stream: 'ROTATED_FILE' }, /^outputPath: is needed/],
    [{ output_path: '/x' }, /^outputPath: has no meaning/],
    [{ log_stream: 'FILE', output_path: folder }, /^outputPath: cannot be opened/],
    [{ log_stream: 'FILE', output_path: join(folder, 'file', 'x') }, /^outputPath: cannot be opened/],
    [{ log_stream: 'SYSLOG' }, /^logStream: /],
    [{ severity_levels: { a: 'LOUD' } }, /^severityLevels\.a: /],
    [{ max_rotated_files: -1 }, /^maxRotatedFiles: /],
  ]
  for (const [settings, message] of cases)
    t.match(await rejection(stdio.open(settings, new FakeHost())), { message })
})

t.test('metrics and log entries go to one handler in one order', async t => {
  const path = join(t.testdir({}), 'both.log')
  const handler = await opener(t, stdio)({ log_stream: 'FILE', output_path: path })
  await handler.report(
    [instanceOf('metric', 'm.b.c', { value: int(1) }), instanceOf('metric', 'n.b.c', {})],
    callWith(),
  )
  await write(handler, 'x')
  const instances = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).instance)
  t.same(instances, ['m.b.c', 'n.b.c', 'a.b.c'])
})
