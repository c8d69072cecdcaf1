import { readFileSync } from 'node:fs'
import {
  AdapterError,
  builtinTemplate,
  decodeOutput,
  descriptorBytes,
  encodeOutput,
  type TemplateDefinition,
  templateFromDescriptorSet,
  type Value,
} from '@outboard/adapters-sdk'
import t from 'tap'
import { show } from './show.js'

const parcel = templateFromDescriptorSet(
  descriptorBytes(readFileSync('test/templates/fixtures/parcel.base64', 'utf8')),
)

function bytes(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

t.test('Outputs of every type that an attribute has come back as they were', async t => {
  const output: Record<string, Value> = {
    shelf: { type: 'STRING', value: '' },
    weight: { type: 'INT64', value: -1n },
    depth: { type: 'INT64', value: -3n },
    speed: { type: 'INT64', value: -1n },
    price: { type: 'DOUBLE', value: 1.5 },
    fragile: { type: 'BOOL', value: false },
    labels: { type: 'STRING_MAP', value: { a: 'b', constructor: 'c' } },
    address: { type: 'IP_ADDRESS', value: Uint8Array.of(1, 2, 3, 4) },
    sent: { type: 'TIMESTAMP', value: { seconds: -1, nanos: 5 } },
    received: { type: 'TIMESTAMP', value: { seconds: 1, nanos: 0 } },
    took: { type: 'DURATION', value: -7n },
    uri: { type: 'URI', value: 'x:y' },
    email: { type: 'EMAIL_ADDRESS', value: 'a@b' },
    any: { type: 'TIMESTAMP', value: { seconds: 2, nanos: 0 } },
    texts: { type: 'STRING_MAP', value: { k: 'v' } },
    big: { type: 'INT64', value: -1n },
  }
  t.equal(show(decodeOutput(parcel, encodeOutput(parcel, output))), show(output))
})

t.test('Signed fixed integers keep their sign, unsigned ones wrap into 64 bits', async t => {
  t.equal(show(decodeOutput(parcel, bytes('1d fdffffff'))), '{"depth": {"type": "INT64", "value": -3n}}')
  t.equal(
    show(decodeOutput(parcel, bytes('9001 ffffffffffffffffff01'))),
    '{"big": {"type": "INT64", "value": -1n}}',
  )
})

t.test('Fields that no attribute can hold are passed over, and so are unknown ones', async t => {
  const list = '820101 61'.replace(' ', '')
  t.equal(
    show(decodeOutput(parcel, bytes(`3a 01 ff ${list} 9a01 05 0a 01 61 10 01 a201 00 f83f 01 7a 00`))),
    '{}',
  )
})

t.test('A handler that produces something else is told so', async t => {
  const refused = (output: Record<string, Value>, message: RegExp) =>
    t.throws(() => encodeOutput(parcel, output), { code: 'ADAPTER_PROTOCOL', message })
  refused({ shelv: { type: 'STRING', value: 'x' } }, /no field "shelv"; did you mean "shelf"/)
  refused({ shelf: { type: 'INT64', value: 1n } }, /shelf: wanted a value of type STRING, found INT64/)
  refused({ depth: { type: 'INT64', value: 2n ** 31n } }, /depth: wanted a bigint of type sfixed32/)
  refused({ raw: { type: 'STRING', value: '' } }, /raw: no attribute can hold/)
})

t.test('Answers that break the encoding are refused', async t => {
  t.throws(() => decodeOutput(parcel, bytes('08 01')), AdapterError)
  t.throws(() => decodeOutput(parcel, bytes('08 01')), {
    code: 'ADAPTER_PROTOCOL',
    message: /wire type 0 for field shelf/,
  })
  t.throws(() => decodeOutput(parcel, bytes('0a 05 61')), { code: 'ADAPTER_PROTOCOL' })
})

t.test('A template without outputs has none, whatever the bytes are', async t => {
  const metric: TemplateDefinition | undefined = builtinTemplate('metric')
  if (metric === undefined) throw new TypeError('metric')
  t.equal(show(decodeOutput(metric, bytes('ff'))), '{}')
  t.equal(encodeOutput(metric, {}).length, 0)
  t.throws(() => encodeOutput(metric, { x: { type: 'BOOL', value: true } }), { code: 'ADAPTER_PROTOCOL' })
})
