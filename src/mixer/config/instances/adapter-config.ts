import {
  type DescriptorSet,
  type MessageDescriptor,
  readDescriptorSet,
  TemplateError,
} from '@outboard/adapters-sdk'
import { MessageEncoder } from './message-encoder.js'
import type { Compiled, FieldPath } from './problem.js'

/** The settings message of an `adapter` document. */
export interface AdapterConfig {
  /** `type.googleapis.com/<package>.Params`. */
  readonly typeUrl: string
  readonly message: MessageDescriptor
  readonly descriptors: DescriptorSet
}

/** A handler's params as Istio's adapters take them: the content of an Any. */
export interface EncodedParams {
  readonly typeUrl: string
  readonly value: Uint8Array
}

/**
 * Reads the descriptor set of an `adapter` document (`spec.config`, decoded from base64, not empty): the settings
 * message is `Params` of the last file that has one.
 * @throws {TemplateError} when the bytes are no descriptor set (`TEMPLATE_MALFORMED`, `TEMPLATE_TOO_LARGE`) or no file
 * has a message `Params` (`TEMPLATE_MESSAGE`)
 */
export function adapterConfigOf(descriptorSet: Uint8Array): AdapterConfig {
  const descriptors = readDescriptorSet(descriptorSet)
  const files = descriptors.files.flatMap(({ packageName, messages }) => {
    const fullName = packageName === '' ? 'Params' : `${packageName}.Params`
    return messages.filter(message => message.fullName === fullName)
  })
  const message = files.at(-1)
  if (message === undefined) {
    throw new TemplateError('TEMPLATE_MESSAGE', 'No file of the descriptor set has a message Params')
  }
  return { typeUrl: `type.googleapis.com/${message.fullName}`, message, descriptors }
}

/**
 * Encodes a handler's `params` (JSON-like; undefined or null: no bytes) after reference config, section 6: keys by
 * proto or JSON name, enums by name, numbers also as text, durations and times as text; ascending by field number, map
 * keys in order, so that equal params give equal bytes. Beyond upstream: `bytes` as base64, lists of durations and
 * times, and wrapper messages by their bare value; two members of one oneof are a problem.
 * Collects every problem; never throws on bad input.
 */
export function encodeParams(
  config: AdapterConfig,
  params: unknown,
  path: FieldPath = ['params'],
): Compiled<EncodedParams> {
  const { typeUrl } = config
  if (params === undefined || params === null)
    return { ok: true, value: { typeUrl, value: new Uint8Array(0) } }
  const encoder = new MessageEncoder(config.descriptors)
  const value = encoder.encode(config.message, params, path)
  return value === undefined
    ? { ok: false, problems: encoder.problems }
    : { ok: true, value: { typeUrl, value } }
}
