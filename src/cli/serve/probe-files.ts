import { rm, utimes, writeFile } from 'node:fs/promises'
import type { Telemetry } from '../../mixer/telemetry/index.js'

/** A file that is there, and fresh, while something holds. Source: reference server-cli, section 5. */
export interface ProbeFile {
  readonly path: string
  available(): boolean
}

/** Brings the files up to date twice in each interval. Answers how to end it, which removes them. */
export function keepProbeFiles(
  files: readonly ProbeFile[],
  intervalMs: number,
  telemetry: Telemetry,
): () => Promise<void> {
  const refresh = () => Promise.all(files.map(file => bringUpToDate(file, telemetry)))
  void refresh()
  const timer = setInterval(() => void refresh(), Math.max(100, intervalMs / 2))
  timer.unref()
  return async () => {
    clearInterval(timer)
    await Promise.all(files.map(({ path }) => rm(path, { force: true }).catch(() => {})))
  }
}

async function bringUpToDate({ path, available }: ProbeFile, telemetry: Telemetry): Promise<void> {
  try {
    if (!available()) await rm(path, { force: true })
    else {
      await writeFile(path, '')
      const now = new Date()
      await utimes(path, now, now)
    }
  } catch (error) {
    telemetry.log.warn('probe_file_failed', { path, error })
  }
}
