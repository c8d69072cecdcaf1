import { access, readdir, unlink } from 'node:fs/promises'
import { dirname, extname, join, parse } from 'node:path'

const stampForm = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/

/** Which rotated files stay. */
export interface Retention {
  /** Rotated files kept, newest first; 0: all. */
  readonly maxFiles: number
  /** Milliseconds after its rotation that a file is kept; 0: for ever. */
  readonly maxAgeMs: number
}

/** A free name for the file at `path` when it is rotated: `access-2026-01-31T08-15-00.250.log`. */
export async function backupPath(path: string, nowMs: number): Promise<string> {
  const { dir, name, ext } = parse(path)
  for (let ms = nowMs; ; ms++) {
    const candidate = join(dir, `${name}-${stamp(ms)}${ext}`)
    // Two rotations in one millisecond take neighbouring names.
    if (!(await exists(candidate))) return candidate
  }
}

/** Deletes the rotated files of `path` that retention does not cover. Other files are never touched. */
export async function pruneBackups(path: string, retention: Retention, nowMs: number): Promise<void> {
  const { name, ext } = parse(path)
  const folder = dirname(path)
  const stamps = (await readdir(folder))
    .filter(file => file.startsWith(`${name}-`) && extname(file) === ext)
    .map(file => file.slice(name.length + 1, file.length - ext.length))
    .filter(text => stampForm.test(text))
    .sort()
    .reverse()
  for (const [index, text] of stamps.entries()) {
    const beyondCount = retention.maxFiles > 0 && index >= retention.maxFiles
    const tooOld = retention.maxAgeMs > 0 && nowMs - stampMs(text) > retention.maxAgeMs
    if (beyondCount || tooOld) await unlink(join(folder, `${name}-${text}${ext}`))
  }
}

/** Sorts as it counts; without colons, which some file systems do not take. */
function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, -1).replaceAll(':', '-')
}

function stampMs(text: string): number {
  const [date, time = ''] = text.split('T')
  return Date.parse(`${date}T${time.replaceAll('-', ':')}Z`)
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
