import t from 'tap'
import { read, type SharedOutcome, write } from '../../../src/cache/redis/wire.js'

const denial: SharedOutcome = {
  code: 7,
  message: 'h:no',
  directive: {
    directStatus: 403,
    directBody: 'closed',
    operations: [{ on: 'response', operation: 'append', name: 'Set-Cookie', value: 'a=b; c' }],
  },
  metadata: { text: 'é\ud800', number: -1.5, is: true },
  parts: [{ handler: 'h', cacheKeys: ['k', ''] }],
}

const allowance: SharedOutcome = {
  code: 0,
  message: '',
  directive: {
    directStatus: 0,
    directBody: '',
    operations: [{ on: 'request', operation: 'replace', name: ':path', value: '' }],
  },
  metadata: {},
  parts: [],
}

t.test('an answer is read as it was written', async t => {
  for (const outcome of [denial, allowance, { ...allowance, directive: undefined }])
    t.same(read('key', write('key', outcome) ?? ''), outcome)
  t.equal(read('another key', write('key', denial) ?? ''), undefined)
})

const operation = { on: 'request', operation: 'replace', name: 'a', value: 'b' } as const
const directive = (change: object) => ({ directive: { ...denial.directive, ...change } })
const operations = (change: object) => directive({ operations: [{ ...operation, ...change }] })

const wrong: readonly (readonly [string, object])[] = [
  ['a code whose low 32 bits are those of an allow', { code: 4_294_967_296 }],
  ['a code below 0', { code: -1 }],
  ['a code that is no integer', { code: 7.5 }],
  ['a code beyond any', { code: 1e300 }],
  ['a status that is none', directive({ directStatus: -7.5 })],
  ['a status below 100', directive({ directStatus: 99 })],
  ['a status above 599', directive({ directStatus: 600 })],
  ['a line break in a header name', operations({ name: 'a\r\nb' })],
  ['a line break in a header value', operations({ value: 'x\nevil: 1' })],
  ['a NUL in a header value', operations({ value: '\0' })],
  ['an empty header name', operations({ name: '' })],
  ['an unknown operation', operations({ operation: 'set' })],
  ['an unknown place', operations({ on: 'trailer' })],
  ['an allow with a direct response', { code: 0 }],
  ['metadata that is no value', { metadata: { a: {} } }],
  ['more text than any answer has', { message: 'x'.repeat(262_144) }],
]

t.test('what no adapter may answer is not read', async t => {
  const text = write('key', denial) ?? ''
  for (const [what, change] of wrong)
    t.equal(read('key', JSON.stringify({ ...JSON.parse(text), ...change })), undefined, what)
})

t.test('what would not be read is not written', async t => {
  for (const [what, change] of wrong) {
    if (/unknown|no value/.test(what)) continue // the compiler's business
    t.equal(write('key', { ...denial, ...change } as SharedOutcome), undefined, what)
  }
  t.equal(
    write('key', { ...denial, metadata: { a: Number.NaN } }),
    undefined,
    'a number that JSON does not have',
  )
})
