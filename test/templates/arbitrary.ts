import {
  type FieldShape,
  type FieldType,
  type FieldValue,
  type MessageShape,
  PlainRecord,
  type ScalarType,
  type TemplateDefinition,
  type Value,
  type ValueType,
} from '@outboard/adapters-sdk'
import fc from 'fast-check'

/** A template and something to ask with it. */
export interface Sample {
  readonly definition: TemplateDefinition
  readonly fields: PlainRecord
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom('', '__proto__', 'constructor'),
)
const key = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'length'),
)
const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 })
const nanos = fc.integer({ min: 0, max: 999_999_999 })
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -200n, max: 200n }),
)
const address = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
)

function plain<T>(entries: readonly (readonly [string, T])[]): PlainRecord<T> {
  const record = new PlainRecord<T>()
  for (const [name, value] of entries) record[name] = value
  return record
}

const texts = fc.array(fc.tuple(key, text), { maxLength: 4 }).map(plain)

const bareValues: { readonly [T in ValueType]: fc.Arbitrary<Extract<Value, { type: T }>['value']> } = {
  STRING: text,
  EMAIL_ADDRESS: text,
  URI: text,
  DNS_NAME: text,
  INT64: int64,
  DURATION: int64,
  DOUBLE: fc.double(),
  BOOL: fc.boolean(),
  TIMESTAMP: fc.record({ seconds, nanos }),
  IP_ADDRESS: address,
  STRING_MAP: texts,
}

/** A value of any kind. */
export const value: fc.Arbitrary<Value> = fc.oneof(
  fc.record({ type: fc.constantFrom('STRING', 'EMAIL_ADDRESS', 'URI', 'DNS_NAME'), value: text }),
  fc.record({ type: fc.constantFrom('INT64', 'DURATION'), value: int64 }),
  fc.record({ type: fc.constant('DOUBLE'), value: fc.double() }),
  fc.record({ type: fc.constant('BOOL'), value: fc.boolean() }),
  fc.record({ type: fc.constant('TIMESTAMP'), value: fc.record({ seconds, nanos }) }),
  fc.record({ type: fc.constant('IP_ADDRESS'), value: address }),
  fc.record({ type: fc.constant('STRING_MAP'), value: texts }),
)

const wrappedTypes = [
  'IP_ADDRESS',
  'TIMESTAMP',
  'DURATION',
  'DNS_NAME',
  'EMAIL_ADDRESS',
  'URI',
  'STRING_MAP',
] as const

const signed32 = fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n })
const unsigned32 = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n })
const unsigned64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

const scalars: readonly ScalarType[] = [
  'string',
  'bytes',
  'bool',
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
]

function scalarValue(scalar: ScalarType): fc.Arbitrary<FieldValue> {
  switch (scalar) {
    case 'string':
      return text
    case 'bytes':
      return fc.uint8Array({ maxLength: 20 })
    case 'bool':
      return fc.boolean()
    case 'double':
      return fc.double()
    case 'float':
      return fc.double().map(Math.fround)
    case 'int32':
    case 'sint32':
    case 'sfixed32':
      return signed32
    case 'uint32':
    case 'fixed32':
      return unsigned32
    case 'uint64':
    case 'fixed64':
      return unsigned64
    case 'int64':
    case 'sint64':
    case 'sfixed64':
      return int64
  }
}

/** A type and values of it. */
interface Typed {
  readonly type: FieldType
  readonly value: fc.Arbitrary<FieldValue>
}

const colours = new Map([
  ['RED', 0],
  ['GREEN', 1],
  ['BLUE', -7],
])

const single: fc.Arbitrary<Typed> = fc.oneof(
  fc
    .constantFrom(...scalars)
    .map(scalar => ({ type: { kind: 'scalar' as const, scalar }, value: scalarValue(scalar) })),
  fc.constant({
    type: { kind: 'enum' as const, fullName: 'sample.Colour', values: colours },
    value: fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n }),
  }),
  fc.constant({ type: { kind: 'value' as const }, value }),
  fc
    .constantFrom(...wrappedTypes)
    .map(valueType => ({ type: { kind: 'wrapped' as const, valueType }, value: bareValues[valueType] })),
  fc
    .constantFrom('DURATION' as const, 'TIMESTAMP' as const)
    .map(valueType => ({ type: { kind: 'wellknown' as const, valueType }, value: bareValues[valueType] })),
)

const names = ['a', 'some_name', 'constructor', 'toString', '__proto__', 'hasOwnProperty', 'x9', 'camelCase']

interface Shaped {
  readonly shape: MessageShape
  readonly record: fc.Arbitrary<PlainRecord>
}

let messages = 0

function message(typed: fc.Arbitrary<Typed>): fc.Arbitrary<Shaped> {
  const number = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 72_295_726 }))
  return fc.array(fc.tuple(typed, number), { maxLength: names.length }).map(fields => {
    const used = new Map(fields.map(([field, n]) => [n, field]))
    const shapes = [...used].map(([n, field], index) => {
      const name = names[index] ?? `f${index}`
      const jsonName = name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase())
      return { typed: field, shape: { name, jsonName, number: n, type: field.type } satisfies FieldShape }
    })
    messages++
    return {
      shape: {
        fullName: `sample.M${messages}`,
        fields: shapes.map(({ shape }) => shape).sort((a, b) => a.number - b.number),
      },
      record: fc
        .tuple(
          ...shapes.map(({ typed: t, shape }) =>
            fc.option(
              t.value.map(v => [shape.name, v] as const),
              { nil: undefined },
            ),
          ),
        )
        .map(entries => plain<FieldValue | undefined>(entries.filter(entry => entry !== undefined))),
    }
  })
}

function nesting(inner: fc.Arbitrary<Typed>): fc.Arbitrary<Typed> {
  const asMessage = message(inner).map(({ shape, record }) => ({
    type: { kind: 'message' as const, shape: () => shape },
    value: record,
  }))
  const item = fc.oneof(inner, asMessage)
  const plainItem = item.filter(({ type }) => type.kind !== 'map' && type.kind !== 'repeated')
  return fc.oneof(
    item,
    plainItem.map(({ type, value: v }) => ({
      type: { kind: 'map' as const, value: type },
      value: fc.array(fc.tuple(key, v), { minLength: 1, maxLength: 4 }).map(plain<FieldValue | undefined>),
    })),
    plainItem.map(({ type, value: v }) => ({
      type: { kind: 'repeated' as const, item: type },
      value: fc.array(v, { minLength: 1, maxLength: 4 }),
    })),
  )
}

/** Random templates with random instances of them. Empty lists and maps are left out: on the wire they are absent. */
export const sample: fc.Arbitrary<Sample> = message(nesting(nesting(single))).chain(({ shape, record }) =>
  record.map(fields => ({
    definition: {
      name: 'sample',
      packageName: 'sample',
      variety: 'CHECK',
      methodPath: '/sample.HandleSampleService/HandleSample',
      instance: { ...shape, fullName: 'sample.InstanceMsg' },
      output: undefined,
    },
    fields,
  })),
)
