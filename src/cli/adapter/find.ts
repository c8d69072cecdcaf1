import type { Adapter } from '@outboard/adapters-sdk'
import { builtinAdapters, loadAdapterFile } from '../../adapters/registry.js'
import { CliError } from '../errors.js'

/**
 * An adapter by the name of a built-in one, or from a file (anything with a `/`, or that ends in `.js`, `.mjs` or `.ts`).
 * @throws {CliError} `CLI_UNKNOWN_ADAPTER`; an AdapterFileError when the file gives none
 */
export async function findAdapter(nameOrFile: string): Promise<Adapter> {
  const builtin = builtinAdapters.get(nameOrFile)
  if (builtin !== undefined) return builtin
  if (nameOrFile.includes('/') || /\.[cm]?[jt]s$/.test(nameOrFile)) return loadAdapterFile(nameOrFile)
  const known = [...builtinAdapters.keys()].join(', ')
  throw new CliError(
    'CLI_UNKNOWN_ADAPTER',
    `There is no adapter "${nameOrFile}"; known: ${known}; or give a file`,
  )
}
