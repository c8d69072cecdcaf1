import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Adapter } from '@outboard/adapters-sdk'

/**
 * Why an adapter could not be had from a file. Stable.
 * - `ADAPTER_FILE_NOT_FOUND`: there is no such file
 * - `ADAPTER_FILE_BROKEN`: loading it threw
 * - `ADAPTER_FILE_EMPTY`: it loaded, and exports no adapter
 */
export type AdapterFileErrorCode = 'ADAPTER_FILE_NOT_FOUND' | 'ADAPTER_FILE_BROKEN' | 'ADAPTER_FILE_EMPTY'

/** A file gives no adapter. */
export class AdapterFileError extends Error {
  override readonly name = 'AdapterFileError'
  constructor(
    readonly code: AdapterFileErrorCode,
    readonly path: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/**
 * The adapter that a module exports, as its default or as `adapter`; made by `defineAdapter`.
 * @param path of the module, relative to the working directory or absolute.
 * @throws {AdapterFileError} when there is none.
 */
export async function loadAdapterFile(path: string): Promise<Adapter> {
  const file = resolve(path)
  const loaded = await loadModule(file)
  const candidates = [loaded.default, loaded.adapter]
  const adapter = candidates.find(isAdapter)
  if (adapter !== undefined) return adapter
  const given = Object.keys(loaded)
  const exports = given.length === 0 ? 'nothing' : given.map(name => `"${name}"`).join(', ')
  throw new AdapterFileError(
    'ADAPTER_FILE_EMPTY',
    file,
    `Cannot take an adapter from ${file}: expected what defineAdapter() returns as the default export or as "adapter"; it exports ${exports}`,
  )
}

async function loadModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  await access(file).catch((cause: unknown) => {
    const message = `Cannot load an adapter from ${file}: there is no such file, or it may not be read`
    throw new AdapterFileError('ADAPTER_FILE_NOT_FOUND', file, message, { cause })
  })
  try {
    const loaded: unknown = await import(pathToFileURL(file).href)
    return Object.fromEntries(Object.entries(loaded ?? {}))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `Cannot load an adapter from ${file}: ${reason}`
    throw new AdapterFileError('ADAPTER_FILE_BROKEN', file, message, { cause })
  }
}

function isAdapter(candidate: unknown): candidate is Adapter {
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    'name' in candidate &&
    typeof candidate.name === 'string' &&
    'templates' in candidate &&
    Array.isArray(candidate.templates) &&
    'settings' in candidate &&
    'open' in candidate &&
    typeof candidate.open === 'function' &&
    // A definition that was not given to defineAdapter() names its templates; an adapter has resolved them.
    candidate.templates.every(template => typeof template === 'object')
  )
}
