import type { FieldRecord, FieldValue } from '../contract.js'
import { AdapterError } from '../errors.js'
import type { FieldType, MessageShape, TemplateDefinition } from '../template.js'
import type { Value, ValueType } from '../values.js'
import { isRecord } from './codec/field.js'
import { integerRange } from './codec/scalar.js'
import { isValueType, valueOfType } from './codec/value.js'
import { nearest } from './nearest.js'
import { PlainRecord } from './wire/record.js'

/*
 * Outputs as attributes, after the table of reference config, section 6. Mended, where Istio Mixer 1.5 drops or bends
 * values that its own table types: TimeStamp, google Timestamp, EmailAddress, Uri and StringMap fields are delivered
 * (upstream: dropped); sfixed32 keeps its sign (upstream: zero-extended); timestamps, addresses and URIs inside Value
 * are delivered; maps of other kinds, lists, messages and bytes are left out (upstream: some are errors). Unsigned
 * 64-bit integers wrap into INT64, as upstream.
 */

/** The type of attribute that a field of `OutputMsg` becomes; undefined: none (lists, messages, bytes, `Value`). */
export function outputType(type: FieldType): ValueType | undefined {
  switch (type.kind) {
    case 'scalar':
      if (integerRange(type.scalar) !== undefined) return 'INT64'
      if (type.scalar === 'bool') return 'BOOL'
      if (type.scalar === 'bytes') return undefined
      return type.scalar === 'string' ? 'STRING' : 'DOUBLE'
    case 'enum':
      return 'INT64'
    case 'wrapped':
    case 'wellknown':
      return type.valueType
    case 'map':
      return type.value.kind === 'scalar' && type.value.scalar === 'string' ? 'STRING_MAP' : undefined
    case 'value':
    case 'message':
    case 'repeated':
      return undefined
  }
}

/** The attributes that a template's handlers produce: field name to type, in order of field numbers. */
export function outputTypes(definition: TemplateDefinition): ReadonlyMap<string, ValueType> {
  const types = new Map<string, ValueType>()
  for (const { name, type } of definition.output?.fields ?? []) {
    const valueType = outputType(type)
    if (valueType !== undefined) types.set(name, valueType)
  }
  return types
}

/** The fields of a decoded `OutputMsg` as values. `Value` fields give what is inside them. */
export function outputValues(shape: MessageShape, record: FieldRecord): Record<string, Value> {
  const values = new PlainRecord<Value>()
  for (const { name, type } of shape.fields) {
    const field = record[name]
    const value = field === undefined ? undefined : fieldValue(type, field)
    if (value !== undefined) values[name] = value
  }
  return values
}

function fieldValue(type: FieldType, field: FieldValue): Value | undefined {
  if (type.kind === 'value') {
    return isRecord(field) && isValueType(field.type) ? valueOfType(field.type, field.value) : undefined
  }
  const valueType = outputType(type)
  if (valueType === undefined) return undefined
  return valueOfType(valueType, typeof field === 'bigint' ? BigInt.asIntN(64, field) : field)
}

/**
 * The record to encode for the values that a handler produced.
 * @throws {AdapterError} `ADAPTER_PROTOCOL` for an unknown field, or a value of another type than its field
 */
export function outputRecord(shape: MessageShape, output: Readonly<Record<string, Value>>): FieldRecord {
  const record = new PlainRecord()
  for (const [name, value] of Object.entries(output)) {
    const field = shape.fields.find(candidate => candidate.name === name)
    if (field === undefined) throw unknownOutput(shape, name)
    record[name] = bare(name, field.type, value)
  }
  return record
}

function unknownOutput(shape: MessageShape, name: string): AdapterError {
  const near = nearest(
    name,
    shape.fields.map(field => field.name),
  )
  const hint = near === undefined ? '' : `; did you mean "${near}"?`
  return new AdapterError('ADAPTER_PROTOCOL', `no field ${JSON.stringify(name)}${hint}`)
}

function bare(name: string, type: FieldType, value: Value): FieldValue {
  if (type.kind === 'value') return value
  const wanted = outputType(type)
  if (wanted === undefined) {
    throw new AdapterError('ADAPTER_PROTOCOL', `${name}: no attribute can hold a field of this type`)
  }
  if (value.type !== wanted) {
    throw new AdapterError(
      'ADAPTER_PROTOCOL',
      `${name}: wanted a value of type ${wanted}, found ${value.type}`,
    )
  }
  const unsigned = type.kind === 'scalar' && (type.scalar === 'uint64' || type.scalar === 'fixed64')
  return unsigned && value.type === 'INT64' ? BigInt.asUintN(64, value.value) : value.value
}
