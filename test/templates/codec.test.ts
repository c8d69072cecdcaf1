import {
  AdapterError,
  builtinTemplate,
  decodeInstance,
  encodeInstance,
  type FieldRecord,
  type TemplateDefinition,
} from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { sample } from './arbitrary.js'
import { show } from './show.js'

function template(name: string): TemplateDefinition {
  const found = builtinTemplate(name)
  if (found === undefined) throw new TypeError(name)
  return found
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

/** Field `name` holding `n`. */
const named = 'fad2e493 02 01 6e'

function refuses(t: Test, work: () => unknown, code: string, message: RegExp): void {
  try {
    work()
  } catch (error) {
    t.ok(error instanceof AdapterError, String(error))
    t.match(error, { code, message })
    return
  }
  t.fail(`nothing was refused, wanted ${message}`)
}

t.test('An instance comes back from its bytes as it was, whatever its template', async t => {
  fc.assert(
    fc.property(sample, fc.string({ unit: 'grapheme' }), ({ definition, fields }, name) => {
      const back = decodeInstance(
        definition,
        encodeInstance(definition, { name, template: 'sample', fields }),
      )
      return show(back) === show({ name, template: 'sample', fields })
    }),
    { numRuns: 600 },
  )
  t.pass()
})

t.test('Bytes that nobody vouches for are refused with a code, or read to something stable', async t => {
  let read = 0
  fc.assert(
    fc.property(
      sample,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      fc.constantFrom(0, 0, 0, 1, 2),
      ({ definition, fields }, changes, cut) => {
        const whole = encodeInstance(definition, { name: 'n', template: 'sample', fields })
        const broken = Uint8Array.from(whole)
        for (const [at, to] of changes) broken[at % broken.length] = to
        try {
          const first = decodeInstance(definition, broken.subarray(0, broken.length - cut))
          const again = encodeInstance(definition, first)
          read++
          return hex(encodeInstance(definition, decodeInstance(definition, again))) === hex(again)
        } catch (error) {
          return error instanceof AdapterError && error.code === 'ADAPTER_PROTOCOL'
        }
      },
    ),
    { numRuns: Number(process.env.OUTBOARD_FUZZ_RUNS ?? 1_000) },
  )
  t.ok(read > 100, `${read} were readable`)
})

t.test('Random bytes are refused with a code, or read', async t => {
  const metric = template('metric')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), noise => {
      try {
        return decodeInstance(metric, noise).template === 'metric'
      } catch (error) {
        return error instanceof AdapterError && error.code === 'ADAPTER_PROTOCOL'
      }
    }),
    { numRuns: Number(process.env.OUTBOARD_FUZZ_RUNS ?? 3_000) },
  )
  t.pass()
})

t.test('Fields stand in ascending order, map keys in order, and the name behind them', async t => {
  const fields: FieldRecord = {
    dimensions: { b: { type: 'BOOL', value: false }, a: { type: 'STRING', value: '' } },
    value: { type: 'INT64', value: 1n },
  }
  const encoded = encodeInstance(template('metric'), { name: 'n', template: 'metric', fields })
  t.equal(hex(encoded), `0a021001${'1207'}0a016112020a00${'1207'}0a016212022000${named.replaceAll(' ', '')}`)
})

t.test('A field that holds its default is written, one that is not there is not', async t => {
  const span = template('tracespan')
  const encode = (fields: FieldRecord) =>
    hex(encodeInstance(span, { name: 'n', template: 'tracespan', fields }))
  t.equal(
    encode({ client_span: false, request_size: 0n, trace_id: '' }),
    `0a00${'4800'}7800${named.replaceAll(' ', '')}`,
  )
  t.equal(encode({ trace_id: undefined }), named.replaceAll(' ', ''))
})

t.test(
  'Integers and lengths need not be minimal, and fields may come in any order, last one counts',
  async t => {
    const { name, fields } = decodeInstance(
      template('tracespan'),
      bytes(`${named} 78 8580808000 0a 8100 61 0a 01 62 78 07`),
    )
    t.equal(name, 'n')
    t.equal(show(fields), '{"request_size": 7n, "trace_id": "b"}')
  },
)

t.test('Unknown fields of every wire type are passed over', async t => {
  const unknown = 'a006 05 a106 0102030405060708 a206 02 ffff a306 0801 a406 a506 01020304'
  t.equal(show(decodeInstance(template('checknothing'), bytes(`${unknown} ${named}`)).fields), '{}')
})

t.test('A message that comes in parts is one message', async t => {
  const { fields } = decodeInstance(template('authorization'), bytes('0a 03 0a 01 75 0a 03 12 01 67'))
  t.equal(show(fields), '{"subject": {"groups": "g", "user": "u"}}')
})

t.test('Lists are read packed and unpacked', async t => {
  const list = { kind: 'repeated', item: { kind: 'scalar', scalar: 'int64' } } as const
  const definition: TemplateDefinition = {
    ...template('checknothing'),
    instance: { fullName: 'x.InstanceMsg', fields: [{ name: 'l', jsonName: 'l', number: 1, type: list }] },
  }
  t.equal(
    show(decodeInstance(definition, bytes('08 01 0a 02 02 03 08 04')).fields),
    '{"l": [1n, 2n, 3n, 4n]}',
  )
  t.equal(hex(encodeInstance(definition, { name: '', template: 'x', fields: { l: [] } })), 'fad2e4930200')
})

t.test('Content that is no value of its type counts as not sent', async t => {
  const span = template('tracespan')
  t.equal(show(decodeInstance(span, bytes('62 05 0a 03 010203')).fields), '{}', 'an address of three bytes')
  t.equal(show(decodeInstance(span, bytes('62 00')).fields), '{}', 'an address without bytes')
  t.equal(
    show(decodeInstance(span, bytes('2a 09 0a 07 08 ffffffffff7f')).fields),
    '{}',
    'a time after the year 9999',
  )
  t.equal(
    show(decodeInstance(span, bytes('2a 08 0a 06 10 8094ebdc03')).fields),
    '{}',
    'nanoseconds beyond a second',
  )
  t.equal(
    show(decodeInstance(template('listentry'), bytes('0a 00')).fields),
    '{}',
    'a value without a member',
  )
  t.equal(
    show(decodeInstance(template('metric'), bytes('12 03 0a 01 61')).fields),
    '{"dimensions": {}}',
    'an entry without a value',
  )
})

t.test('Records inherit nothing', async t => {
  const quota = template('quota')
  const { fields } = decodeInstance(quota, bytes('0a 10 0a 09 5f5f70726f746f5f5f 12 03 0a 01 78'))
  t.equal(show(fields.dimensions), '{"__proto__": {"type": "STRING", "value": "x"}}')
  t.equal(Object.getPrototypeOf({}), Object.prototype)
  t.equal(fields.constructor, undefined)
})

t.test('What breaks the encoding is refused', async t => {
  const metric = template('metric')
  const refused: readonly (readonly [string, RegExp])[] = [
    ['0a', /cut off/],
    ['0a 05 0a 01 61', /length beyond the end/],
    ['08 01', /wire type 0 for field value/],
    ['0a 02 08 01', /wire type 0 for field 1 of Value/],
    ['12 03 0a 01 61 12', /entry of dimensions|cut off/],
    ['00 01', /field number out of range/],
    ['07 01', /field number out of range/],
    ['1a ff ff ff ff ff ff ff ff ff ff 01', /more than ten bytes/],
    ['a6 06', /wire type 6/],
    ['a3 06 08 01', /end of a group is missing/],
    ['a3 06 ac 06', /end of another group/],
    ['32 06 0a 04 08', /cut off|length beyond/],
  ]
  for (const [text, message] of refused)
    refuses(t, () => decodeInstance(metric, bytes(text)), 'ADAPTER_PROTOCOL', message)
  refuses(
    t,
    () => decodeInstance(metric, bytes('a306'.repeat(100))),
    'ADAPTER_PROTOCOL',
    /more than 64 messages/,
  )
})

t.test('What does not fit the template is refused with the path of the field', async t => {
  const encode = (name: string, fields: FieldRecord) => () =>
    encodeInstance(template(name), { name: 'n', template: name, fields })
  refuses(
    t,
    encode('metric', { valeu: 'x' }),
    'ADAPTER_PROTOCOL',
    /metric\.InstanceMsg: no field "valeu".*mean "value"/,
  )
  refuses(
    t,
    encode('metric', { value: 'x' }),
    'ADAPTER_PROTOCOL',
    /value: wanted a value \{type, value\}, found the text "x"/,
  )
  refuses(
    t,
    encode('metric', { dimensions: { code: 200n } }),
    'ADAPTER_PROTOCOL',
    /dimensions: "code": wanted a value/,
  )
  refuses(
    t,
    encode('authorization', { subject: { user: 7n } }),
    'ADAPTER_PROTOCOL',
    /subject: user: wanted a text, found the bigint 7/,
  )
  refuses(
    t,
    encode('tracespan', { request_size: 2n ** 63n }),
    'ADAPTER_PROTOCOL',
    /request_size: wanted a bigint of type int64/,
  )
  refuses(
    t,
    encode('tracespan', { source_ip: new Uint8Array(5) }),
    'ADAPTER_PROTOCOL',
    /4 or 16 bytes, found 5 bytes/,
  )
  refuses(
    t,
    encode('tracespan', { start_time: { seconds: 0.5, nanos: 0 } }),
    'ADAPTER_PROTOCOL',
    /start_time: wanted a timestamp/,
  )
  refuses(
    t,
    encode('listentry', { value: { type: 'INT64', value: 'x' } }),
    'ADAPTER_PROTOCOL',
    /wanted a bigint of type int64/,
  )
  refuses(
    t,
    encode('tracespan', { trace_id: 'x'.repeat(4_194_304) }),
    'ADAPTER_LIMIT',
    /more than 4194304 bytes/,
  )
})

t.test('Lengths of every size are minimal and lead back', async t => {
  const authorization = template('authorization')
  for (const size of [
    0, 10, 11, 40, 41, 117, 118, 119, 127, 128, 16_370, 16_383, 16_384, 200_000, 1_100_000,
  ]) {
    for (const letter of ['x', 'é']) {
      const value = letter.repeat(size / letter.length)
      const fields: FieldRecord = {
        subject: { user: 'u', properties: { [value]: { type: 'STRING', value: 'v' } } },
      }
      const encoded = encodeInstance(authorization, { name: 'n', template: 'authorization', fields })
      t.equal(show(decodeInstance(authorization, encoded).fields), show(fields), `${size} ${letter}`)
    }
  }
})
