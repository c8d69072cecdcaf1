import type { Compiled, FieldPath } from './problem.js'

/** The settings message of an `adapter` document. */
export interface AdapterConfig {
  /** `type.googleapis.com/<package>.Params`. */
  readonly typeUrl: string
}

/** A handler's params as Istio's adapters take them: the content of an Any. */
export interface EncodedParams {
  readonly typeUrl: string
  readonly value: Uint8Array
}

/**
 * Reads the descriptor set of an `adapter` document (`spec.config`, decoded from base64, not empty): the settings
 * message is `Params` of the last file that has one.
 * @throws {TemplateError} when the bytes are no descriptor set or no file has a message `Params`
 */
export function adapterConfigOf(descriptorSet: Uint8Array): AdapterConfig {
  throw new TypeError(`not yet: ${descriptorSet.length}`)
}

/** Encodes a handler's `params` (JSON-like; undefined or null: no bytes). Collects every problem; never throws on bad input. */
export function encodeParams(
  config: AdapterConfig,
  params: unknown,
  path: FieldPath = ['params'],
): Compiled<EncodedParams> {
  throw new TypeError(`not yet: ${config.typeUrl} ${String(params)} ${path.length}`)
}
