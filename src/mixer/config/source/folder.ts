import { createHash } from 'node:crypto'
import { type Dirent, promises } from 'node:fs'
import { join } from 'node:path'
import { compareText } from '../vocabulary/build.js'
import { defaultLimits, type SourceLimits } from './limits.js'
import type { ReadSource } from './read.js'
import { textOf } from './utf8.js'

const { readdir, readFile, stat } = promises

/**
 * Reads a configuration folder: every file that ends in `.yaml` or `.yml`, at any depth, by path. Symbolic links to
 * files are read, those to folders are not followed, and folders whose names begin with a dot are left out (Kubernetes
 * keeps second copies in them). A path that is a file is read by itself, whatever its name.
 *
 * What cannot be read is in the answer as a fault, so that nothing is loaded: upstream would delete what it could not
 * read. Never rejects.
 */
export async function readFolder(path: string, limits: SourceLimits = defaultLimits): Promise<ReadSource[]> {
  try {
    const at = await stat(path)
    if (!at.isDirectory()) return [await readOne(path, limits)]
    const files: string[] = []
    const tooMany = await walk(path, files, limits.maxFiles)
    if (tooMany)
      return [
        {
          file: path,
          fault: {
            code: 'CONFIG_TOO_MANY_DOCUMENTS',
            message: `Cannot load the configuration: found more than ${limits.maxFiles} files`,
            mend: 'point to the folder that holds only configuration, or raise the limit',
          },
        },
      ]
    const sources: ReadSource[] = []
    for (const file of files) sources.push(await readOne(file, limits))
    return sources
  } catch (cause) {
    return [unreadable(path, cause)]
  }
}

/** A hash of what was read: equal while nothing changed. */
export function contentHashOf(sources: readonly ReadSource[]): string {
  const hash = createHash('sha256')
  for (const source of sources) {
    const content = 'text' in source ? source.text : `${source.fault.code} ${source.fault.message}`
    hash.update(`${source.file.length}:${source.file}${content.length}:`).update(content)
  }
  return hash.digest('hex')
}

/** Adds the paths of configuration files, sorted within each folder; answers whether there are too many. */
async function walk(folder: string, into: string[], maxFiles: number): Promise<boolean> {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => compareText(a.name, b.name))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && (await walk(path, into, maxFiles))) return true
    } else if (/\.ya?ml$/.test(entry.name) && (await isFile(entry, path))) {
      if (into.length >= maxFiles) return true
      into.push(path)
    }
  }
  return false
}

/** A link that leads nowhere counts as a file: reading it says what is wrong, at its own path. */
async function isFile(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile()
  const target = await stat(path).catch(() => undefined)
  return target === undefined || target.isFile()
}

async function readOne(file: string, { maxFileBytes }: SourceLimits): Promise<ReadSource> {
  try {
    const { size } = await stat(file)
    const bytes = size > maxFileBytes ? undefined : await readFile(file)
    if (bytes === undefined || bytes.length > maxFileBytes)
      return {
        file,
        fault: {
          code: 'CONFIG_FILE_TOO_LARGE',
          message: `Cannot read the file: found ${bytes?.length ?? size} bytes, wanted at most ${maxFileBytes}`,
          mend: 'split the file into several',
        },
      }
    return textOf(file, bytes)
  } catch (cause) {
    return unreadable(file, cause)
  }
}

function unreadable(file: string, cause: unknown): ReadSource {
  return {
    file,
    fault: {
      code: 'CONFIG_SOURCE_UNREADABLE',
      message: `Cannot read the configuration: ${cause instanceof Error ? cause.message : String(cause)}`,
      mend: 'make the path readable; until then the configuration stays as it was',
    },
  }
}
