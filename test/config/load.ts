import { join } from 'node:path'
import { builtinAdapters } from '../../src/adapters/registry.js'
import {
  builtinAdaptersOf,
  type Loaded,
  type LoadOptions,
  loadSnapshot,
  printProblem,
  readFolder,
} from '../../src/mixer/config/index.js'

export const fixtures = join(process.cwd(), 'test/fixtures/config')
export const adapters = builtinAdaptersOf(builtinAdapters.values())

export type Options = Partial<LoadOptions>

/** Loads one text. */
export function loadText(text: string, options: Options = {}): Promise<Loaded> {
  return loadSnapshot([{ file: 'config.yaml', text }], { adapters, ...options })
}

/** Loads a folder of fixtures, named below `test/fixtures/config`. */
export async function loadFixture(name: string, options: Options = {}): Promise<Loaded> {
  return loadSnapshot(await readFolder(join(fixtures, name)), { adapters, ...options })
}

/** What was loaded; a refusal is thrown with all its problems, so that a test shows them. */
export function accepted(loaded: Loaded): Loaded & { kind: 'loaded' } {
  if (loaded.kind === 'loaded') return loaded
  throw new Error(loaded.problems.map(printProblem).join('\n'))
}

/** Each problem as `CODE line:column path`. */
export function refusal(loaded: Loaded): string[] {
  if (loaded.kind === 'loaded') return []
  return loaded.problems.map(({ code, at }) => `${code} ${at.line}:${at.column} ${at.path}`)
}
