import {
  builtinTemplate,
  decodeInstance,
  encodeInstance,
  type FieldValue,
  type TemplateDefinition,
  type Value,
} from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t from 'tap'
import { show } from './show.js'

function template(name: string): TemplateDefinition {
  const found = builtinTemplate(name)
  if (found === undefined) throw new TypeError(name)
  return found
}

/** Few names and few values, so that entries come again, and some that differ in one byte only. */
const names = ['reporter', 'reporter2', 'source_version', 'source_versiom', '__proto__', '']
const values: readonly Value[] = [
  { type: 'STRING', value: '' },
  { type: 'STRING', value: 'inbound' },
  { type: 'STRING', value: 'outbound' },
  { type: 'STRING', value: 'inbounD' },
  { type: 'URI', value: 'inbound' },
  { type: 'STRING', value: 'x'.repeat(300) },
  { type: 'INT64', value: 200n },
  { type: 'INT64', value: 2n ** 62n },
  { type: 'DURATION', value: 200n },
  { type: 'DOUBLE', value: 0 },
  { type: 'DOUBLE', value: -0 },
  { type: 'BOOL', value: true },
  { type: 'IP_ADDRESS', value: Uint8Array.of(10, 0, 0, 1) },
  { type: 'TIMESTAMP', value: { seconds: 1, nanos: 2 } },
  { type: 'STRING_MAP', value: { a: 'b' } },
]

const dimensions = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...values), { maxKeys: 6 })

t.test('whatever came before, the entries of a map are read as they were written', async t => {
  const metric = template('metric')
  const readsTheSame = fc.property(fc.array(dimensions, { minLength: 1, maxLength: 30 }), all =>
    all.every(fields => {
      const instance = { name: 'n', template: 'metric', fields: { dimensions: fields } }
      const back = decodeInstance(metric, encodeInstance(metric, instance))
      const wanted = Object.keys(fields).length === 0 ? { ...instance, fields: {} } : instance
      return show(back) === show(wanted)
    }),
  )
  t.doesNotThrow(() => fc.assert(readsTheSame, { numRuns: 2_000 }))
})

function dimensionsOf(fields: { readonly [field: string]: FieldValue | undefined }): Record<string, Value> {
  return fields.dimensions as unknown as Record<string, Value>
}

t.test('what an adapter does to one instance does not show in the next one', async t => {
  const metric = template('metric')
  for (const value of values) {
    const bytes = encodeInstance(metric, {
      name: 'n',
      template: 'metric',
      fields: { dimensions: { reporter: value } },
    })
    const untouched = show(decodeInstance(metric, bytes))
    const mine = dimensionsOf(decodeInstance(metric, bytes).fields).reporter
    if (mine === undefined) throw new TypeError('the dimension is missing')
    if (typeof mine.value === 'object')
      for (const key of Object.keys(mine.value)) Object.assign(mine.value, { [key]: 7 })
    // What is the same in the next one cannot be changed.
    for (const [key, changed] of Object.entries({ type: 'BOOL', value: false }))
      Reflect.set(mine, key, changed)
    t.equal(show(decodeInstance(metric, bytes)), untouched, value.type)
  }
})

t.test('entries in the maps of other templates come again as well', async t => {
  const logentry = template('logentry')
  const instance = (code: bigint) => ({
    name: 'n',
    template: 'logentry',
    fields: {
      variables: { code: { type: 'INT64', value: code }, user: { type: 'STRING', value: 'ann' } },
      severity: 'info',
    },
  })
  for (const code of [200n, 404n, 200n, 404n, 200n]) {
    const wanted = instance(code)
    t.equal(show(decodeInstance(logentry, encodeInstance(logentry, wanted))), show(wanted))
  }
})
