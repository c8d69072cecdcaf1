import { readFileSync } from 'node:fs'
import { decodeInstance, descriptorBytes, templateFromDescriptorSet } from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t from 'tap'
import { compileInstance } from '../../src/mixer/config/instances/index.js'
import { EvalFailure } from '../../src/mixer/expr/index.js'
import { show } from '../templates/show.js'
import { bagOf, template, vocabulary } from './support.js'

const parcel = templateFromDescriptorSet(
  descriptorBytes(readFileSync('test/templates/fixtures/parcel.base64', 'utf8')),
)

const fieldNames = parcel.instance.fields.map(({ name }) => name)
const keys = fc.oneof(
  fc.constantFrom(...fieldNames, 'text', 'inner', 'items', 'byName'),
  fc.string({ maxLength: 4 }),
)
const leaves = fc.oneof(
  fc.constantFrom(
    'a.string',
    'a.int',
    'a.labels',
    'a.bool',
    '"lit"',
    "'FAST'",
    '"1.2.3.4"',
    '"5s"',
    '',
    'a.int | 3',
    '1.5',
  ),
  fc.string({ maxLength: 10 }),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
)
const { params } = fc.letrec(tie => ({
  params: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    leaves,
    fc.dictionary(keys, tie('params'), { maxKeys: 5 }),
    fc.array(tie('params'), { maxLength: 3 }),
  ),
}))

const bag = () => bagOf({ 'a.string': 's', 'a.int': 7, 'a.bool': true, 'a.labels': new Map([['k', 'v']]) })

t.test(
  'Whatever stands in params and bindings, the answer is an instance that works, or problems',
  async t => {
    let working = 0
    fc.assert(
      fc.property(
        fc.dictionary(keys, params, { maxKeys: 4 }),
        fc.oneof(
          fc.constant(undefined),
          fc.dictionary(fc.constantFrom('a.string', 'a.int', 'x'), leaves),
          leaves,
        ),
        fc.constantFrom('compiled' as const, 'dynamic' as const),
        fc.constantFrom(parcel, template('kubernetes')),
        (given, bindings, style, definition) => {
          const result = compileInstance({
            name: 'i.instance.ns',
            template: definition,
            style,
            params: given,
            bindings,
            vocabulary,
            language: 'CEXL',
          })
          if (!result.ok)
            return result.problems.length > 0 && result.problems.every(({ message }) => message !== '')
          working++
          const record = result.value.build(bag())
          const bytes = result.value.encode(bag())
          if (record instanceof EvalFailure || bytes instanceof EvalFailure)
            return show(record) === show(bytes)
          return show(decodeInstance(definition, bytes)) === show(record)
        },
      ),
      { numRuns: Number(process.env.OUTBOARD_FUZZ_RUNS ?? 3_000) },
    )
    t.ok(working > 50, `${working} compiled`)
  },
)
