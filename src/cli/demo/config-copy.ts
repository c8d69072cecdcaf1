import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A copy of the example configuration, with the addresses that the adapters really have. */
export interface ConfigCopy {
  readonly folder: string
  remove(): Promise<void>
}

/** `addresses`: what stands in the example, and what takes its place. */
export async function copyConfig(from: string, addresses: ReadonlyMap<string, string>): Promise<ConfigCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'outboard-demo-'))
  await cp(from, folder, { recursive: true })
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const text = await readFile(path, 'utf8')
    const changed = [...addresses].reduce((sofar, [example, real]) => sofar.replaceAll(example, real), text)
    if (changed !== text) await writeFile(path, changed)
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
