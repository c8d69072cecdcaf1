import {
  allow,
  builtinTemplate,
  type Deny,
  defineAdapter,
  deny,
  encodeInstance,
  type Grant,
  type HandlerVerbs,
  type Produced,
  settings,
  type Verdict,
} from '@outboard/adapters-sdk'
import { serve } from '@outboard/adapters-sdk/serve'
import t, { type Test } from 'tap'
import { lookup } from './support/adapters.js'
import { calls, check, configure, memoryProcess, settled } from './support/memory-session.js'
import { hello, unary } from './support/raw-host.js'
import { field, text } from './support/wire.js'

const name = 'i.instance.ns'

function answering(verbs: HandlerVerbs) {
  return defineAdapter({
    name: 'answering',
    version: '1',
    description: '',
    templates: ['listentry', 'quota', lookup],
    settings: settings.object({}),
    open: () => ({
      check: () => allow(),
      quota: () => ({ kind: 'granted', amount: 0n, validForMs: 0 }),
      produce: () => ({ output: {} }),
      ...verbs,
    }),
  })
}

/** What a caller in JavaScript can make of an answer. */
function bent<T>(answer: T, more: object): T {
  return Object.assign({}, answer, more)
}

const denial = deny('PERMISSION_DENIED', 'no')
const edit = { on: 'request', operation: 'replace', name: 'x-user', value: 'ada' } as const
const valid = { kind: 'valid', forMs: 1_000, uses: 1 } as const

function direct(more: object): Deny {
  return bent(denial, { direct: { httpStatus: 403, body: '', headers: [], ...more } })
}

const badVerdicts: readonly (readonly [Verdict, RegExp])[] = [
  [bent(denial, { code: 0 }), /a denial with the code 0/],
  [bent(denial, { code: 7.5 }), /the code 7\.5/],
  [bent(denial, { code: undefined }), /the code undefined/],
  [bent(denial, { message: undefined }), /the message undefined/],
  [bent(allow(), { kind: 'maybe' }), /something that is no verdict/],
  [bent(allow(), { caching: undefined }), /an unknown caching/],
  [bent(allow(), { caching: { ...valid, uses: 5e9 } }), /validUses 5000000000; it must be .* to 2147483647/],
  [bent(allow(), { caching: { ...valid, uses: 1.5 } }), /validUses 1\.5/],
  [bent(denial, { caching: { ...valid, uses: -2 } }), /validUses -2/],
  [bent(allow(), { caching: { ...valid, forMs: -1 } }), /validForMs -1/],
  [bent(allow(), { caching: { ...valid, forMs: Number.NaN } }), /validForMs NaN/],
  [bent(allow(), { headers: [edit, { ...edit, on: 'both' }] }), /headers\[1\]\.on "both"/],
  [bent(allow(), { headers: [{ ...edit, operation: 'set' }] }), /headers\[0\]\.operation "set"/],
  [bent(allow(), { headers: [{ ...edit, name: 'X-User' }] }), /headers\[0\]\.name "X-User".*lower case/],
  [bent(allow(), { headers: [{ ...edit, name: 'x user' }] }), /name "x user"/],
  [bent(allow(), { headers: [{ ...edit, name: '' }] }), /name ""/],
  [bent(allow(), { headers: [{ ...edit, value: 'a\r\nx-admin: 1' }] }), /value .* line break/],
  [bent(allow(), { headers: [{ ...edit, value: 7 }] }), /value 7, which is no text/],
  [bent(allow(), { metadata: { tier: ['gold'] } }), /metadata\.tier of a list; it must be/],
  [bent(allow(), { metadata: { big: 1n } }), /metadata\.big 1; it must be/],
  [bent(allow(), { metadata: { none: Number.NaN } }), /metadata\.none NaN/],
  [bent(allow(), { cacheKeys: [7] }), /cache key 7/],
  [direct({ httpStatus: 5e9 }), /direct\.httpStatus 5000000000/],
  [direct({ httpStatus: 403.5 }), /direct\.httpStatus 403\.5/],
  [direct({ body: { a: 1 } }), /direct\.body of an object/],
  [direct({ headers: [['x y', '1']] }), /direct\.headers\[0\]\.name "x y"/],
  [direct({ headers: [['x-a', '1\n']] }), /direct\.headers\[0\]\.value/],
  [direct({ headers: ['x-a'] }), /direct\.headers\[0\], which is no pair/],
]

const badGrants: readonly (readonly [Grant, RegExp])[] = [
  [bent<Grant>({ kind: 'granted', amount: 1n, validForMs: -1 }, {}), /validForMs -1/],
  [{ kind: 'granted', amount: 2n ** 63n, validForMs: 0 }, /more than 64 bits/],
  [{ kind: 'granted', amount: 1n, validForMs: Number.POSITIVE_INFINITY }, /validForMs Infinity/],
  [{ kind: 'refused', code: 0, message: '', validForMs: 0 }, /a refusal with the code 0/],
]

const badProduced: readonly (readonly [Produced, RegExp])[] = [
  [bent<Produced>({ output: {}, validForMs: 1 }, { output: undefined }), /no output/],
  [{ output: {}, validForMs: -5 }, /attributes with validForMs -5/],
]

async function asked(t: Test, verbs: HandlerVerbs) {
  const host = memoryProcess(answering(verbs)).open()
  host.send(hello, configure(1, 1, {}))
  await settled()
  t.match(host.take(), [{ kind: 'hello' }, { kind: 'ready' }])
  return host
}

t.test(
  'On a session an answer that cannot be fails its own call, and says what is wrong with it',
  async t => {
    for (const [verdict, why] of badVerdicts) {
      const host = await asked(t, { check: ({ fields }) => (fields.value === undefined ? allow() : verdict) })
      const empty = encodeInstance(template('listentry'), { name, template: 'listentry', fields: {} })
      host.send(calls(check(1, 'x'), check(2, 'x', { instances: [empty] })))
      await settled()
      t.match(host.take(), [
        {
          kind: 'results',
          results: [
            { id: 1, kind: 'failed', code: 'ADAPTER_PROTOCOL', message: why },
            { id: 2, kind: 'verdict' },
          ],
        },
      ])
    }
    const quota = encodeInstance(template('quota'), { name, template: 'quota', fields: {} })
    for (const [grant, why] of badGrants) {
      const host = await asked(t, { quota: () => grant })
      host.send(calls(check(1, '', { verb: 'quota', template: 2, instances: [quota] })))
      await settled()
      t.match(host.take(), [{ results: [{ kind: 'failed', code: 'ADAPTER_PROTOCOL', message: why }] }])
    }
    const key = encodeInstance(lookup, { name, template: 'lookup', fields: {} })
    for (const [produced, why] of badProduced) {
      const host = await asked(t, { produce: () => produced })
      host.send(calls(check(1, '', { verb: 'produce', template: 3, instances: [key] })))
      await settled()
      t.match(host.take(), [{ results: [{ kind: 'failed', code: 'ADAPTER_PROTOCOL', message: why }] }])
    }
  },
)

t.test('A unary caller gets INTERNAL for the same answers, and never an allow', async t => {
  let verdict: Verdict = allow()
  let grant: Grant = { kind: 'granted', amount: 0n, validForMs: 0 }
  let produced: Produced = { output: {}, validForMs: undefined }
  const adapter = answering({ check: () => verdict, quota: () => grant, produce: () => produced })
  const served = await serve(adapter, { log: () => {} })
  t.teardown(() => served.close())
  const ask = (of: ReturnType<typeof template>, ...more: Buffer[]) => {
    const instance = field(1, encodeInstance(of, { name, template: of.name, fields: {} }))
    return unary(served.address, of.methodPath, Buffer.concat([instance, ...more]))
  }
  for (const [bad, why] of badVerdicts) {
    verdict = bad
    await t.rejects(ask(template('listentry')), { code: 13, details: why })
  }
  for (const [bad, why] of badGrants) {
    grant = bad
    const one = field(4, field(1, field(1, text(name)), field(2, Buffer.from([8, 5]))))
    await t.rejects(ask(template('quota'), one), { code: 13, details: why })
  }
  for (const [bad, why] of badProduced) {
    produced = bad
    await t.rejects(ask(lookup), { code: 13, details: why })
  }
})

t.test('Deny refuses codes that cannot deny where it is called', async t => {
  t.throws(() => deny(0, ''), {
    name: 'TypeError',
    message: /status code 0: it must be a whole number above 0/,
  })
  t.throws(() => deny(7.5, ''), { name: 'TypeError', message: /7\.5/ })
  const typo = JSON.parse('"PERMISION_DENIED"')
  t.throws(() => deny(typo, ''), {
    name: 'TypeError',
    message: /"PERMISION_DENIED": no status code has that name/,
  })
  t.equal(deny(99, '').code, 99)
})

t.test('A bound on uses without a time is no lack of opinion: the answer is not kept', async t => {
  t.same(allow({ validUses: 1 }).caching, { kind: 'do-not-cache' })
  t.same(deny(7, '', { validUses: -1 }).caching, { kind: 'do-not-cache' })
  t.same(allow({ validForMs: 5, validUses: 1 }).caching, { kind: 'valid', forMs: 5, uses: 1 })
  t.same(allow({ validForMs: 5 }).caching, { kind: 'valid', forMs: 5, uses: -1 })
  t.same(allow().caching, { kind: 'no-opinion' })
})

function template(name: string) {
  const found = builtinTemplate(name)
  if (found === undefined) throw new Error(`${name} is gone`)
  return found
}
