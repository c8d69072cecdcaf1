import { readFileSync } from 'node:fs'
import {
  builtinTemplate,
  builtinTemplateNames,
  descriptorBytes,
  outputTypes,
  readDescriptorSet,
  TemplateError,
  type TemplateErrorCode,
  templateFromDescriptorSet,
  templateToDescriptorSet,
} from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t from 'tap'
import { sample } from './arbitrary.js'
import { show, showTemplate } from './show.js'
import { type FileParts, field, file, message, nameField, service, set, wire } from './wire.js'

/** Made by a compiler from `parcel.proto`, with imports. */
const parcel = descriptorBytes(readFileSync('test/templates/fixtures/parcel.base64', 'utf8'))

t.test('Built-in templates come back from their descriptor sets', async t => {
  for (const name of builtinTemplateNames) {
    const definition = builtinTemplate(name)
    if (definition === undefined) throw new TypeError(name)
    const back = templateFromDescriptorSet(templateToDescriptorSet(definition))
    t.equal(showTemplate(back), showTemplate(definition), name)
  }
})

t.test('Any template comes back from its descriptor set', async t => {
  fc.assert(
    fc.property(sample, ({ definition }) => {
      const back = templateFromDescriptorSet(templateToDescriptorSet(definition))
      return showTemplate(back) === showTemplate(definition)
    }),
    { numRuns: 200 },
  )
  t.pass()
})

t.test('A set made by a compiler is read', async t => {
  const definition = templateFromDescriptorSet(parcel)
  t.match(definition, {
    name: 'parcel',
    packageName: 'parcel',
    variety: 'CHECK_WITH_OUTPUT',
    methodPath: '/parcel.HandleParcelService/HandleParcel',
  })
  t.same(
    definition.instance.fields.map(({ name }) => name).slice(0, 4),
    ['s', 'i32', 'i64', 'u32'],
    'without the name',
  )
  const byName = definition.instance.fields.find(({ name }) => name === 'by_name')
  t.match(byName, { jsonName: 'byName', number: 24, type: { kind: 'map', value: { kind: 'message' } } })
  t.equal(
    show(outputTypes(definition)),
    show(
      new Map([
        ['shelf', 'STRING'],
        ['weight', 'INT64'],
        ['depth', 'INT64'],
        ['speed', 'INT64'],
        ['price', 'DOUBLE'],
        ['fragile', 'BOOL'],
        ['labels', 'STRING_MAP'],
        ['address', 'IP_ADDRESS'],
        ['sent', 'TIMESTAMP'],
        ['received', 'TIMESTAMP'],
        ['took', 'DURATION'],
        ['uri', 'URI'],
        ['email', 'EMAIL_ADDRESS'],
        ['texts', 'STRING_MAP'],
        ['big', 'INT64'],
      ]),
    ),
  )
  t.equal(
    showTemplate(templateFromDescriptorSet(templateToDescriptorSet(definition))),
    showTemplate(definition),
  )
})

t.test('A message may contain itself', async t => {
  const node = message('NodeMsg', [field('next', 1, 11, '.parcel.NodeMsg')])
  const root = message('InstanceMsg', [nameField, field('node', 1, 11, '.parcel.NodeMsg')])
  const definition = templateFromDescriptorSet(set(file({ messages: [root, node] })))
  const shape = definition.instance.fields[0]?.type
  if (shape?.kind !== 'message') throw new TypeError('wanted a message')
  const next = shape.shape().fields[0]?.type
  if (next?.kind !== 'message') throw new TypeError('wanted a message')
  t.equal(next.shape(), shape.shape())
})

t.test('The first Handle service of the set and its first method are called', async t => {
  const other = file({
    packageName: 'other',
    messages: [],
    options: [],
    services: [service('HandleFirst', 'A', 'B')],
  })
  t.equal(templateFromDescriptorSet(set(other, file({}))).methodPath, '/other.HandleFirst/A')
  const services = [service('Other', 'X'), service('HandleParcel', 'Y')]
  t.equal(templateFromDescriptorSet(set(file({ services }))).methodPath, '/parcel.HandleParcel/Y')
})

t.test('A producing template without OutputMsg has no outputs', async t => {
  const producing = file({
    options: [
      [72_295_727, 3],
      [72_295_888, 'x'],
    ],
  })
  t.match(templateFromDescriptorSet(set(producing)), { variety: 'ATTRIBUTE_GENERATOR', output: undefined })
})

function refused(bytes: Uint8Array): TemplateError {
  try {
    templateFromDescriptorSet(bytes)
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
  throw new TypeError('nothing was refused')
}

t.test('Each mistake in a template gets its code', async t => {
  const instance = (...fields: readonly Uint8Array[]) => [message('InstanceMsg', [nameField, ...fields])]
  const mistakes: readonly (readonly [FileParts, TemplateErrorCode, RegExp])[] = [
    [{ options: [] }, 'TEMPLATE_VARIETY', /No file/],
    [
      {
        options: [
          [72_295_727, 9],
          [72_295_888, 'x'],
        ],
      },
      'TEMPLATE_VARIETY',
      /template_variety 9/,
    ],
    [{ options: [[72_295_727, 0]] }, 'TEMPLATE_NAME', /template_name ""/],
    [
      {
        options: [
          [72_295_727, 0],
          [72_295_888, 'my template'],
        ],
      },
      'TEMPLATE_NAME',
      /"my template"; it must be letters/,
    ],
    [{ services: [service('ParcelService', 'X')] }, 'TEMPLATE_SERVICE', /begins with Handle/],
    [{ services: [service('HandleParcelService')] }, 'TEMPLATE_SERVICE', /no method/],
    [{ messages: [] }, 'TEMPLATE_MESSAGE', /no message parcel\.InstanceMsg/],
    [{ messages: [message('InstanceMsg', [])] }, 'TEMPLATE_MESSAGE', /lacks the field "string name/],
    [
      { messages: instance(field('v', 1, 11, '.istio.policy.v1beta1.Value')) },
      'TEMPLATE_UNRESOLVED',
      /include_imports/,
    ],
    [
      { messages: instance(field('e', 1, 14, '.parcel.Nowhere')) },
      'TEMPLATE_UNRESOLVED',
      /parcel\.InstanceMsg\.e/,
    ],
    [{ messages: instance(field('g', 1, 10)) }, 'TEMPLATE_FIELD', /type 10/],
    [{ messages: instance(field('a', 1, 9), field('a', 2, 9)) }, 'TEMPLATE_MALFORMED', /two fields "a"/],
    [{ messages: instance(field('a', 1, 9), field('b', 1, 9)) }, 'TEMPLATE_MALFORMED', /number 1/],
    [{ messages: instance(field('a', 0, 9)) }, 'TEMPLATE_MALFORMED', /has number 0/],
    [{ messages: [...instance(), ...instance()] }, 'TEMPLATE_MALFORMED', /defined twice/],
    [{ packageName: 'p'.repeat(2_000) }, 'TEMPLATE_TOO_LARGE', /a name of/],
  ]
  for (const [parts, code, message] of mistakes) t.match(refused(set(file(parts))), { code, message })
  const two = refused(set(file({}), file({ packageName: 'second' })))
  t.match(two, { code: 'TEMPLATE_VARIETY', message: /parcel\.proto, second\.proto/ })
})

t.test('Maps with keys that are no strings are refused', async t => {
  const entry = message('MEntry', [field('key', 1, 5), field('value', 2, 9)], [[7, wire([7, 1])]])
  const holder = wire(
    [1, 'InstanceMsg'],
    [2, nameField],
    [2, field('m', 1, 11, '.parcel.InstanceMsg.MEntry', 3)],
    [3, entry],
  )
  t.match(refused(set(file({ messages: [holder] }))), {
    code: 'TEMPLATE_FIELD',
    message: /keys that are no strings/,
  })
})

t.test('Sets beyond the limits are refused', async t => {
  t.match(refused(new Uint8Array(4_194_305)), { code: 'TEMPLATE_TOO_LARGE', message: /4194304 bytes/ })
  const many = message(
    'Many',
    Array.from({ length: 65_536 }, () => field('f', 1, 9)),
  )
  t.match(refused(set(file({ messages: [many] }))), {
    code: 'TEMPLATE_TOO_LARGE',
    message: /65536 definitions/,
  })
  let deep = message('D', [])
  for (let i = 0; i < 70; i++) deep = message('D', [], [[3, deep]])
  t.match(refused(set(file({ messages: [deep] }))), {
    code: 'TEMPLATE_MALFORMED',
    message: /more than 64 messages/,
  })
})

t.test('Broken sets are refused with a code, whatever is broken', async t => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(parcel.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }),
      fc.constantFrom(0, 0, 1, 7_000),
      (changes, cut) => {
        const broken = Uint8Array.from(parcel)
        for (const [at, to] of changes) broken[at] = to
        try {
          const definition = templateFromDescriptorSet(broken.subarray(0, broken.length - cut))
          templateFromDescriptorSet(templateToDescriptorSet(definition))
          return true
        } catch (error) {
          return error instanceof TemplateError
        }
      },
    ),
    { numRuns: Number(process.env.OUTBOARD_FUZZ_RUNS ?? 400) },
  )
  t.pass()
})

t.test('Random bytes are refused with a code, or hold no template', async t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), noise => {
      try {
        return readDescriptorSet(noise).files.length <= noise.length
      } catch (error) {
        return error instanceof TemplateError
      }
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})

t.test('Base64 is standard, padded, and may be broken into lines', async t => {
  t.equal(show(descriptorBytes('AP8+\r\nPw==\n')), 'bytes(0 255 62 63)')
  t.equal(show(descriptorBytes('')), 'bytes()')
  for (const text of ['AP8', 'AP8-', 'A===', 'AP8+ Pw==', '!!!!']) {
    t.throws(() => descriptorBytes(text), { code: 'TEMPLATE_BASE64' }, text)
  }
})
