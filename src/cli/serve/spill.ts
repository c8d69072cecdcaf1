import { join } from 'node:path'
import type { Spill } from '../../mixer/spill/index.js'
import type { Telemetry } from '../../mixer/telemetry/index.js'
import { CliError } from '../errors.js'
import type { Shell } from '../shell.js'
import type { ServeOptions } from './option-table.js'
import { workerIndex } from './worker-index.js'

/**
 * The folder of reports that the options ask for; undefined: none. Each of several processes has its own in it, by its number.
 * @throws {CliError} `CLI_BAD_OPTION` for a folder that cannot be used, or is in use
 */
export async function openSpill(
  env: Shell['env'],
  { reportSpill, reportSpillBytes: maxBytes }: ServeOptions,
  telemetry: Telemetry,
): Promise<Spill | undefined> {
  if (reportSpill === undefined) return undefined
  const { Spill } = await import('../../mixer/spill/index.js')
  const folder = join(reportSpill, String(workerIndex(env)))
  try {
    return await Spill.open({ folder, maxBytes, telemetry })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('CLI_BAD_OPTION', `Cannot use --report-spill "${reportSpill}": ${why}`, { cause })
  }
}
