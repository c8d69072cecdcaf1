import type { Adapter } from '@outboard/adapters-sdk'
import { denier } from './denier/adapter.js'
import { kubernetesenv } from './kubernetesenv/adapter.js'
import { listchecker } from './list/adapter.js'
import { memquota } from './memquota/adapter.js'
import { noop } from './noop/adapter.js'
import { prometheus } from './prometheus/adapter.js'
import { stdio } from './stdio/adapter.js'

/**
 * The adapters that come with Outboard, by the name that a handler's `compiledAdapter` and `outboard adapter serve`
 * know them by. What is heavy in them (regular expressions, YAML, the metrics library) is loaded when a handler needs it.
 */
export const builtinAdapters: ReadonlyMap<string, Adapter> = new Map(
  [denier, kubernetesenv, listchecker, memquota, noop, prometheus, stdio].map(adapter => [
    adapter.name,
    adapter,
  ]),
)

export { AdapterFileError, type AdapterFileErrorCode, loadAdapterFile } from './adapter-file.js'
