import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import t from 'tap'
import { contentHashOf, defaultLimits, loadSnapshot, readFolder } from '../../src/mixer/config/index.js'
import { adapters } from './load.js'

const codes = async (path: string, limits = defaultLimits) =>
  (await readFolder(path, limits)).flatMap(source => ('fault' in source ? [source.fault.code] : []))

t.test('a folder is read at any depth, by path, and only its YAML files', async t => {
  const root = t.testdir({
    'b.yaml': 'b',
    'a.yml': 'a',
    'notes.txt': 'no',
    inner: { 'c.yaml': 'c', deeper: { 'd.yaml': 'd' } },
    '..data': { 'a.yml': 'a second copy' },
    link: t.fixture('symlink', 'inner'),
  })
  symlinkSync(join(root, 'inner/c.yaml'), join(root, 'linked.yaml'))
  const sources = await readFolder(root)
  t.same(
    sources.map(source => [relative(root, source.file), 'text' in source && source.text]),
    [
      ['a.yml', 'a'],
      ['b.yaml', 'b'],
      ['inner/c.yaml', 'c'],
      ['inner/deeper/d.yaml', 'd'],
      ['linked.yaml', 'c'],
    ],
  )
})

t.test('one file is read by itself', async t => {
  const root = t.testdir({ 'rules.conf': 'a: 1' })
  t.match(await readFolder(join(root, 'rules.conf')), [{ text: 'a: 1' }])
})

t.test('what cannot be read is a fault, and nothing is loaded', async t => {
  const root = t.testdir({ 'good.yaml': '' })
  t.same(await codes(join(root, 'missing')), ['CONFIG_SOURCE_UNREADABLE'])
  symlinkSync(join(root, 'nowhere'), join(root, 'broken.yaml'))
  t.same(await codes(root), ['CONFIG_SOURCE_UNREADABLE'])
  const loaded = await loadSnapshot(await readFolder(root), { adapters })
  t.match(loaded, { kind: 'refused', problems: [{ code: 'CONFIG_SOURCE_UNREADABLE' }] })
})

t.test('a link that leads nowhere is told at its own path, beside everything else that is wrong', async t => {
  const root = t.testdir({ 'bad.yaml': 'kind: rule\n' })
  symlinkSync(join(root, 'nowhere'), join(root, 'broken.yaml'))
  symlinkSync(join(root, 'nowhere'), join(root, 'broken-folder'))
  const loaded = await loadSnapshot(await readFolder(root), { adapters })
  t.match(loaded, {
    kind: 'refused',
    problems: [
      { code: 'CONFIG_MISSING_FIELD', at: { file: join(root, 'bad.yaml') } },
      { code: 'CONFIG_MISSING_FIELD', at: { file: join(root, 'bad.yaml') } },
      { code: 'CONFIG_SOURCE_UNREADABLE', at: { file: join(root, 'broken.yaml') } },
    ],
  })
})

t.test('the first byte that is not UTF-8 is told with its line and column', async t => {
  const root = t.testdir({})
  const place = async (...bytes: (string | number[])[]) => {
    const file = join(root, 'a.yaml')
    writeFileSync(
      file,
      Buffer.concat(bytes.map(part => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part)))),
    )
    const loaded = await loadSnapshot(await readFolder(root), { adapters })
    const [problem] = loaded.kind === 'refused' ? loaded.problems : []
    return `${problem?.code} ${problem?.at.line}:${problem?.at.column}`
  }
  t.equal(await place([0xff]), 'CONFIG_NOT_UTF8 1:1')
  t.equal(await place('# é€\na: b', [0xc3, 0x28], 'rest\n'.repeat(1_000)), 'CONFIG_NOT_UTF8 2:5')
  t.equal(await place('x\ny\n', [0xe2, 0x82]), 'CONFIG_NOT_UTF8 3:1', 'a character that is cut at the end')
  t.equal(await place('a: "', [0xed, 0xa0, 0x80], '"'), 'CONFIG_NOT_UTF8 1:5', 'half of a surrogate pair')
})

t.test('a file that may not be read is a fault, unless the reader may read everything', async t => {
  const root = t.testdir({ 'secret.yaml': '' })
  chmodSync(join(root, 'secret.yaml'), 0)
  t.same(await codes(root), process.getuid?.() === 0 ? [] : ['CONFIG_SOURCE_UNREADABLE'])
})

t.test('sizes and counts have limits', async t => {
  const root = t.testdir({ 'a.yaml': 'x'.repeat(11), 'b.yaml': '' })
  t.same(await codes(root, { ...defaultLimits, maxFileBytes: 10 }), ['CONFIG_FILE_TOO_LARGE'])
  t.same(await codes(root, { ...defaultLimits, maxFiles: 1 }), ['CONFIG_TOO_MANY_DOCUMENTS'])
  const limits = { ...defaultLimits, maxDocuments: 2 }
  const loaded = await loadSnapshot([{ file: 'f', text: 'kind: x\n---\nkind: x\n---\nkind: x\n' }], {
    adapters,
    limits,
  })
  t.match(loaded, { kind: 'refused', problems: [{ code: 'CONFIG_TOO_MANY_DOCUMENTS' }] })
})

t.test('the hash of what was read changes with names and texts, and only with them', async t => {
  const one = contentHashOf([{ file: 'a', text: 'b' }])
  t.equal(one, contentHashOf([{ file: 'a', text: 'b' }]))
  t.not(one, contentHashOf([{ file: 'ab', text: '' }]))
  t.not(one, contentHashOf([{ file: 'a', text: 'c' }]))
  t.not(one, contentHashOf([]))
})
