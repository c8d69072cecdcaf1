import type { HandlerDocument } from '../decode/handler.js'
import type { AdapterDocument } from '../decode/registry.js'
import { type AdapterConfig, adapterConfigOf, encodeParams } from '../instances/index.js'
import { placeOf, toPlain } from '../source/node.js'
import type { Resources } from './resources.js'

/** The settings messages of adapter documents, by identity; those that cannot be read are missing. */
export type AdapterConfigs = ReadonlyMap<string, AdapterConfig>

/** Reads every adapter document's descriptor once, whether or not a handler uses it. */
export function readAdapterConfigs({ adapters }: Resources): AdapterConfigs {
  const configs = new Map<string, AdapterConfig>()
  for (const [id, { envelope, config }] of adapters) {
    if (config === undefined) continue
    try {
      configs.set(id, adapterConfigOf(config.value))
    } catch (cause) {
      envelope.report.problem(
        'CONFIG_BAD_DESCRIPTOR',
        config.place,
        `Cannot read the adapter's config descriptor: ${cause instanceof Error ? cause.message : String(cause)}`,
        'encode the descriptor set that holds the message Params, with all its imports',
      )
    }
  }
  return configs
}

/**
 * The params as Istio's adapters take them; what does not fit the descriptor is reported. An adapter that is
 * `session_based` gets none with its calls, as upstream, but its params are checked like others.
 */
export function encodeSettings(
  { envelope, params }: HandlerDocument,
  adapter: AdapterDocument,
  configs: AdapterConfigs,
): { typeUrl: string; value: Uint8Array } | undefined {
  const config = configs.get(adapter.envelope.id)
  if (config === undefined) return undefined
  const encoded = encodeParams(config, params && toPlain(params))
  if (encoded.ok) return adapter.sessionBased ? undefined : encoded.value
  for (const { path, message } of encoded.problems)
    envelope.report.problem(
      'CONFIG_SETTINGS_INVALID',
      placeOf(envelope.spec, path),
      `Cannot open the handler: its params do not fit ${adapter.envelope.id}: ${message}`,
      "correct the params; the adapter document's descriptor says what it takes",
    )
  return undefined
}
