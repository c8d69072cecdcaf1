import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, sep } from 'node:path'

/** One source file: its path from the project root with `/`, how long it is, and what it names in imports. */
export interface SourceFile {
  readonly path: string
  readonly lines: number
  readonly imports: readonly string[]
}

const statement =
  /(?:^|[\n;])\s*(?:import|export)\s+(?:type\s+)?(?:[\w*{][^'"`;]*?\sfrom\s*)?(['"])([^'"\n]+)\1/g
const dynamic = /\bimport\(\s*(['"])([^'"\n]+)\1/g
const comments = /\/\*[\s\S]*?\*\/|(?<=^|[\s;{}(,])\/\/[^\n]*/g

/** What a TypeScript text imports: static, type-only, re-exported and dynamic, each once. */
export function importsOf(text: string): string[] {
  const code = text.replace(comments, '')
  const found = new Set<string>()
  for (const pattern of [statement, dynamic])
    for (const match of code.matchAll(pattern)) found.add(match[2] ?? '')
  return [...found]
}

/** Every TypeScript file below some folders, by path. */
export function scan(root: string, folders: readonly string[]): SourceFile[] {
  return folders.flatMap(folder => filesBelow(root, folder)).sort((a, b) => (a.path < b.path ? -1 : 1))
}

function filesBelow(root: string, folder: string): SourceFile[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
  return entries
    .filter(
      entry => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('node_modules'),
    )
    .map(entry => {
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8')
      const below = entry.parentPath.slice(join(root, folder).length).split(sep).join('/')
      return {
        path: `${folder}${below}/${entry.name}`,
        lines: text.split('\n').length - 1,
        imports: importsOf(text),
      }
    })
}

const sdk = '@outboard/adapters-sdk'

/**
 * The file that an import leads to, from the project root, or the name of a package, or `node:…`.
 * The SDK's entrances lead into its sources, so that a cycle across the packages is seen too.
 */
export function target(from: string, name: string): string {
  if (name.startsWith('.')) return posix.join(dirname(from), name).replace(/\.js$/, '.ts')
  if (name === sdk) return 'adapters-sdk/src/index.ts'
  if (name.startsWith(`${sdk}/`)) return `adapters-sdk/src/${name.slice(sdk.length + 1)}/index.ts`
  if (name.startsWith('#')) return name
  if (name.startsWith('node:')) return name
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}

/** The first cycle found among files, as a path that ends where it began; undefined when there is none. */
export function cycle(files: readonly SourceFile[]): string[] | undefined {
  const edges = new Map(files.map(file => [file.path, file.imports.map(name => target(file.path, name))]))
  const done = new Set<string>()
  const visit = (path: string, trail: string[]): string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return undefined
    for (const next of edges.get(path) ?? []) {
      const found = edges.has(next) ? visit(next, [...trail, path]) : undefined
      if (found !== undefined) return found
    }
    done.add(path)
    return undefined
  }
  for (const { path } of files) {
    const found = visit(path, [])
    if (found !== undefined) return found
  }
  return undefined
}
