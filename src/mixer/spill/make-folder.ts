import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder, for this user alone, and those above it that are not there. Level by level, because Node's own way never ends
 * where the system says "no such file" of a folder whose parent is there, as below /proc.
 * @throws what the file system says
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (thrown) {
    if (await isFolder(path)) return
    const above = dirname(path)
    if (above === path || !isMissing(thrown) || (await isFolder(above))) throw thrown
    await makeFolder(above)
    await makeFolder(path)
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
}
