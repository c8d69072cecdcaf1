import type { Instance } from '../contract.js'
import { AdapterError } from '../errors.js'
import type { MessageShape, TemplateDefinition } from '../template.js'
import type { Value } from '../values.js'
import { instanceCodec, nameKey } from './codec/instance.js'
import { type MessageCodec, messageCodec } from './codec/message.js'
import { outputRecord, outputValues } from './output.js'
import { WireReader } from './wire/reader.js'
import { PlainRecord } from './wire/record.js'
import { WireWriter } from './wire/writer.js'

/** One writer for all: encoding is never interrupted, and what is written is copied out before the next begins. */
const writer = new WireWriter()

/**
 * The bytes of `InstanceMsg`: the fields that the record has, ascending by number, and behind them `name`. A field that
 * holds its default is written too, so that present and absent stay apart. Equal instances give equal bytes.
 * @throws {AdapterError} `ADAPTER_PROTOCOL` when a field is unknown or holds something else than its type, with its
 * path; `ADAPTER_LIMIT` above 4 MiB
 */
export function encodeInstance(definition: TemplateDefinition, instance: Instance): Uint8Array {
  return encode(definition.instance, codec => {
    codec.writeFields(writer, instance.fields, 0)
    writer.uint32(nameKey)
    writer.string(instance.name)
  })
}

/**
 * Reads `InstanceMsg`. A field that is not on the wire is not in the record; unknown fields are passed over; content
 * that is no value of its type (an address of five bytes, a date beyond year 9999) counts as not sent.
 * Records and maps inherit nothing: any key is safe to look up.
 * @throws {AdapterError} `ADAPTER_PROTOCOL` when the bytes are no message of this kind
 */
export function decodeInstance(definition: TemplateDefinition, bytes: Uint8Array): Instance {
  try {
    const { name, fields } = instanceCodec(definition.instance).read(new WireReader(bytes))
    return { name, template: definition.name, fields }
  } catch (error) {
    throw about(error, `Cannot decode ${definition.instance.fullName}`)
  }
}

/**
 * The bytes of `OutputMsg`; no bytes for a template without outputs when there are none to write.
 * @throws {AdapterError} `ADAPTER_PROTOCOL` when a field is unknown, or its value has another type than the field
 */
export function encodeOutput(
  definition: TemplateDefinition,
  output: Readonly<Record<string, Value>>,
): Uint8Array {
  const shape = definition.output ?? { fullName: `${definition.packageName}.OutputMsg`, fields: [] }
  return encode(shape, codec => codec.writeFields(writer, outputRecord(shape, output), 0))
}

/**
 * Reads `OutputMsg` as attributes. Fields that are not on the wire are absent, and so are fields of types that no
 * attribute has.
 * @throws {AdapterError} `ADAPTER_PROTOCOL` when the bytes are no message of this kind
 */
export function decodeOutput(definition: TemplateDefinition, bytes: Uint8Array): Record<string, Value> {
  const shape = definition.output
  if (shape === undefined) return {}
  const record = new PlainRecord()
  try {
    messageCodec(shape).readFields(new WireReader(bytes), record)
  } catch (error) {
    throw about(error, `Cannot decode ${shape.fullName}`)
  }
  return outputValues(shape, record)
}

function encode(shape: MessageShape, write: (codec: MessageCodec) => void): Uint8Array {
  writer.restart()
  try {
    write(messageCodec(shape))
    return writer.finish()
  } catch (error) {
    throw about(error, `Cannot encode ${shape.fullName}`)
  }
}

function about(error: unknown, doing: string): unknown {
  if (!(error instanceof AdapterError)) return error
  return new AdapterError(error.code, `${doing}: ${error.message}`, { cause: error })
}
