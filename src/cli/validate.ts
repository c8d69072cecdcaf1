import {
  type AdapterDirectory,
  builtinAdaptersOf,
  type Loaded,
  type LoadOptions,
  loadSnapshot,
  noDirectory,
  printProblem,
  readFolder,
} from '../mixer/config/index.js'
import type { Language } from '../mixer/expr/index.js'
import { Exit, type ExitCode } from './exit.js'
import type { Shell } from './shell.js'

export interface ValidateOptions {
  /** A folder, or one file. */
  readonly path: string
  readonly json: boolean
  /** The namespace whose rules apply to every request. Default: `istio-system`. */
  readonly defaultNamespace?: string
  /** Asks adapters what they are. Default: nobody is asked. */
  readonly directory?: AdapterDirectory
  /** The language of all expressions. Default: each document's own. */
  readonly language?: Language | undefined
}

/** Loads configuration as the host would, with the adapters that come with it. */
export async function loadForCommand(
  options: Pick<ValidateOptions, 'path' | 'defaultNamespace' | 'directory' | 'language'>,
): Promise<Loaded> {
  const { builtinAdapters } = await import('../adapters/registry.js')
  const { path, defaultNamespace, directory = noDirectory, language } = options
  const load: LoadOptions = {
    adapters: builtinAdaptersOf(builtinAdapters.values()),
    directory,
    language,
    ...(defaultNamespace === undefined ? {} : { defaultNamespace }),
  }
  return loadSnapshot(await readFolder(path), load)
}

/** `outboard validate PATH`: exit code 0 when the configuration would be taken, 1 when not. */
export async function runValidate(
  options: ValidateOptions,
  io: Pick<Shell, 'out' | 'err'>,
): Promise<ExitCode> {
  const loaded = await loadForCommand(options)
  if (options.json) io.out(`${JSON.stringify(asJson(loaded), undefined, 2)}\n`)
  else if (loaded.kind === 'refused') io.err(refusalText(loaded))
  else {
    for (const { at, message } of loaded.notes)
      io.out(`${at.file}:${at.line}:${at.column}: note: ${message}\n`)
    const { rules, handlers, instances, templates, adapters } = loaded.counts
    io.out(
      `${options.path} is valid: ${count(rules, 'rule')}, ${count(handlers, 'handler')}, ${count(instances, 'instance')}, ` +
        `${count(templates, 'template')}, ${count(adapters, 'adapter')}; revision ${loaded.snapshot.revision.slice(0, 12)}\n`,
    )
  }
  return loaded.kind === 'loaded' ? Exit.done : Exit.failed
}

/** Every problem of a refused configuration, and how many there are. */
export function refusalText({ problems, problemCount, notes }: Loaded & { kind: 'refused' }): string {
  const remarks = notes.map(({ at, message }) => `${at.file}:${at.line}:${at.column}: note: ${message}`)
  const more = problemCount - problems.length
  return [
    ...remarks,
    ...problems.map(printProblem),
    `${count(problemCount, 'problem')}${more > 0 ? `, ${more} of them not shown` : ''}: nothing would be loaded`,
    '',
  ].join('\n')
}

function asJson(loaded: Loaded): unknown {
  const { notes } = loaded
  if (loaded.kind === 'refused')
    return { valid: false, problemCount: loaded.problemCount, problems: loaded.problems, notes }
  return { valid: true, revision: loaded.snapshot.revision, counts: loaded.counts, notes }
}

function count(amount: number, what: string): string {
  return `${amount} ${what}${amount === 1 ? '' : 's'}`
}
