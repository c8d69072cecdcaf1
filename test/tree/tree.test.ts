import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { cycle, importsOf, type SourceFile, scan, target } from './scan.js'
import { longFiles, maxLines, type Row, roomFolders, table } from './table.js'

const root = process.cwd()
const folders = ['src', 'test', 'tools', 'adapters-sdk/src', 'adapters-sdk/examples'].filter(folder =>
  existsSync(folder),
)
const files = scan(root, folders)

function inside(path: string, room: string): boolean {
  return path === `${room}.ts` || path.startsWith(`${room}/`)
}

function rowOf(path: string): Row | undefined {
  return table
    .filter(row => inside(path, row.room))
    .sort((a, b) => b.room.length - a.room.length)
    .at(0)
}

/** The imports of a file that its row does not allow. */
function forbidden(file: SourceFile): string[] {
  const row = rowOf(file.path)
  if (row === undefined) return [`${file.path} has no row`]
  return file.imports
    .map(name => target(file.path, name))
    .filter(to => !allowed(row, to))
    .map(to => `${file.path} -> ${to}`)
}

function allowed(row: Row, to: string): boolean {
  if (to.startsWith('#')) return true
  const ours = to.endsWith('.ts')
  if (!ours) return row.outside.includes('*') || row.outside.includes(to)
  if (rowOf(to) === row || row.ours.includes('*')) return true
  return row.ours.some(room => inside(to, room))
}

t.test('the scanner finds every way to import, and none in comments', async t => {
  const text = [
    "import { a } from './a.js'",
    "import type { b } from './b.js'",
    "import c, {\n  d,\n} from 'c'",
    "import './e.js'",
    "export { f } from './f.js'",
    "export type { g } from './g.js'",
    "const h = await import('./h.js')",
    "// import './not.js'",
    "/* import './nor.js' */ const at = 'http://x'",
  ].join('\n')
  t.same(importsOf(text), ['./a.js', './b.js', 'c', './e.js', './f.js', './g.js', './h.js'])
})

t.test('the scanner finds a cycle, also one of types only', async t => {
  const file = (path: string, ...imports: string[]) => ({ path, lines: 1, imports })
  t.same(cycle([file('x/a.ts', './b.js'), file('x/b.ts', './c.js'), file('x/c.ts')]), undefined)
  t.same(cycle([file('x/a.ts', './b.js'), file('x/b.ts', './a.js')]), ['x/a.ts', 'x/b.ts', 'x/a.ts'])
})

t.test('imports point the way that the table says', async t => {
  t.ok(files.length > 20, 'there are files to look at')
  t.same(files.flatMap(forbidden), [])
})

t.test('the table forbids what the design forbids', async t => {
  const attempt = (path: string, name: string) => forbidden({ path, lines: 1, imports: [name] }).length
  t.equal(attempt('src/mixer/attributes/x.ts', '../expr/index.js'), 1, 'attributes know nobody')
  t.equal(attempt('src/mixer/engine/x.ts', '../placements/index.js'), 1, 'the engine knows no placement')
  t.equal(attempt('src/mixer/placements/x.ts', '../engine/check.js'), 1, 'placements know only the ports')
  t.equal(attempt('src/mixer/placements/x.ts', '../engine/ports.js'), 0)
  t.equal(attempt('src/mixer/engine/x.ts', '@grpc/grpc-js'), 1, 'the engine speaks no wire')
  t.equal(attempt('src/adapters/x.ts', '../mixer/engine/ports.js'), 1, 'adapters know only the SDK')
  t.equal(
    attempt('adapters-sdk/src/x.ts', '../../src/mixer/engine/ports.js'),
    1,
    'the SDK knows none of the host',
  )
})

t.test('no file imports itself, by whatever way round', async t => {
  t.same(cycle(files), undefined)
})

t.test('every folder with code has a row', async t => {
  const rooms = new Set(table.map(row => row.room))
  const missing = roomFolders.flatMap(folder =>
    readdirSync(folder, { withFileTypes: true })
      .filter(entry => entry.isDirectory() && `${folder}/${entry.name}` !== 'src/mixer')
      .map(entry => `${folder}/${entry.name}`)
      .filter(room => !rooms.has(room)),
  )
  t.same(missing, [])
})

t.test(`no file is longer than ${maxLines} lines without a reason`, async t => {
  const long = files.filter(file => file.lines > maxLines)
  t.same(
    long.filter(file => !longFiles.has(file.path)).map(file => `${file.path}: ${file.lines} lines`),
    [],
  )
  t.same(
    [...longFiles.keys()].filter(path => !long.some(file => file.path === path)),
    [],
    'the list is not stale',
  )
})

t.test('packages from outside are declared where they are used', async t => {
  const declared = (path: string) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(path, 'utf8'))
    return {
      dependencies: new Set(Object.keys(dependencies)),
      development: new Set(Object.keys(devDependencies)),
    }
  }
  const host = declared('package.json')
  const sdk = declared('adapters-sdk/package.json')
  const missing = files.flatMap(file => {
    const own = file.path.startsWith('adapters-sdk/') ? sdk : host
    return file.imports
      .map(name => target(file.path, name))
      .filter(to => !to.endsWith('.ts') && !to.startsWith('node:') && !to.startsWith('#'))
      .filter(
        to => !own.dependencies.has(to) && !(/^(test|tools)\//.test(file.path) && host.development.has(to)),
      )
      .map(to => `${file.path} -> ${to}`)
  })
  t.same(missing, [])
})
