import t, { type Test } from 'tap'
import type { AttributeBag } from '../../src/mixer/attributes/index.js'
import type { CheckRequest, Decided } from '../../src/mixer/engine/api.js'
import { door, type Setup } from './ext-authz-door.js'
import { decided } from './support.js'

/** The answer that Envoy gets for a decision. */
async function answered(t: Test, change: Partial<Decided>, setup: Setup = {}, headers = {}) {
  const { ask } = await door(t, { check: bag => decided(bag, change), ...setup })
  return ask({ request: { http: { headers } } })
}

const option = (key: string, value: string, mode: 'set' | 'append') => ({
  header: value === '' ? { key } : { key, value },
  ...(mode === 'set' ? { append: {}, append_action: 2 } : { append: { value: true } }),
})

t.test('ext_authz says an allow with a status and an ok_response', async t => {
  const { answer } = await answered(t, {})
  t.match(answer, { status: {}, ok_response: {}, http_response: 'ok_response' })
  t.notOk(answer !== undefined && 'denied_response' in answer)
})

t.test('ext_authz reduces header operations to what Envoy applies', async t => {
  const operations: Decided['directive'] = {
    directStatus: 0,
    directBody: '',
    operations: [
      { on: 'request', operation: 'replace', name: 'a', value: '1' },
      { on: 'request', operation: 'append', name: 'absent', value: '2' },
      { on: 'request', operation: 'append', name: 'absent', value: '3' },
      { on: 'request', operation: 'append', name: 'present', value: '4' },
      { on: 'request', operation: 'remove', name: 'gone', value: '' },
      { on: 'request', operation: 'remove', name: 'again', value: '' },
      { on: 'request', operation: 'append', name: 'again', value: '5' },
      { on: 'response', operation: 'replace', name: 'r', value: '6' },
      { on: 'response', operation: 'append', name: 'r', value: '7' },
      { on: 'response', operation: 'remove', name: 'x', value: '' },
    ],
  }
  const { answer } = await answered(t, { directive: operations }, {}, { present: 'p', again: 'q' })
  t.same(answer?.ok_response, {
    headers: [
      option('a', '1', 'set'),
      option('absent', '2', 'set'),
      option('absent', '3', 'append'),
      option('present', '4', 'append'),
      option('again', '5', 'set'),
    ],
    headers_to_remove: ['gone'],
    response_headers_to_add: [option('r', '6', 'set'), option('r', '7', 'append')],
  })
})

t.test('ext_authz denies with the status of the code and says why', async t => {
  for (const [code, status, body] of [
    [7, 403, 'PERMISSION_DENIED:h:no'],
    [16, 401, 'UNAUTHENTICATED:h:no'],
    [8, 429, 'RESOURCE_EXHAUSTED:h:no'],
    [1, 408, 'CANCELLED:h:no'],
    [9, 400, 'FAILED_PRECONDITION:h:no'],
    [99, 500, 'CODE_99:h:no'],
  ] as const) {
    const { answer } = await answered(t, { code, message: 'h:no' })
    t.match(answer, {
      status: { code, message: 'h:no' },
      denied_response: { status: { code: status }, body },
    })
  }
  const { answer } = await answered(t, { code: 16 }, { options: { wwwAuthenticate: 'Bearer' } })
  t.match(answer, { denied_response: { headers: [option('www-authenticate', 'Bearer', 'set')] } })
})

t.test('ext_authz gives a direct answer even to an allowed request', async t => {
  const directive: Decided['directive'] = {
    directStatus: 302,
    directBody: 'moved',
    operations: [
      { on: 'response', operation: 'replace', name: 'location', value: '/x' },
      { on: 'response', operation: 'append', name: 'set-cookie', value: 'a' },
      { on: 'response', operation: 'append', name: 'set-cookie', value: 'b' },
      { on: 'request', operation: 'replace', name: 'ignored', value: '' },
    ],
  }
  for (const code of [0, 16]) {
    const { answer } = await answered(t, { code, directive })
    t.same(answer?.denied_response, {
      status: { code: 302 },
      headers: [
        option('location', '/x', 'set'),
        option('set-cookie', 'a', 'set'),
        option('set-cookie', 'b', 'set'),
      ],
      body: 'moved',
    })
    t.match(answer?.status, { code: code === 0 ? 7 : code })
  }
  const odd = await answered(t, { code: 7, directive: { ...directive, directStatus: 418 } })
  t.match(odd.answer, { denied_response: { status: { code: 400 } } }, 'Envoy knows no 418')
})

t.test(
  'ext_authz writes every header of a denial as a set, and none that a later operation replaces',
  async t => {
    const directive: Decided['directive'] = {
      directStatus: 403,
      directBody: '',
      operations: [
        { on: 'response', operation: 'replace', name: 'x-once', value: '1' },
        { on: 'response', operation: 'append', name: 'x-gone', value: '2' },
        { on: 'response', operation: 'replace', name: 'x-once', value: '3' },
        { on: 'response', operation: 'append', name: 'x-once', value: '4' },
        { on: 'response', operation: 'remove', name: 'x-gone', value: '' },
      ],
    }
    const { answer } = await answered(t, { code: 7, directive })
    t.match(answer, {
      denied_response: { headers: [option('x-once', '3', 'set'), option('x-once', '4', 'set')] },
    })
  },
)

t.test('ext_authz charges the configured quotas and answers 429 when one is exhausted', async t => {
  let asked: CheckRequest | undefined
  const quota = (name: string, amount: bigint, code = 0) => ({
    name,
    amount,
    code,
    message: '',
    validForMs: 0,
  })
  const { ask } = await door(t, {
    options: { retryAfterSeconds: 3 },
    charges: () => new Map([['requests', 2n]]),
    check: (bag, request) => {
      asked = request
      const { references } = bag
      const quotas = [quota('requests', 0n), quota('away', 0n, 14), quota('fine', 1n)]
      return decided(bag, { quotas: quotas.map(one => ({ ...one, references })) })
    },
  })
  const { answer } = await ask({})
  t.match(asked, { door: 'ext_authz', quotas: [{ name: 'requests', amount: 2n, bestEffort: false }] })
  t.match(answer, {
    status: { code: 8, message: 'Quota is exhausted for: requests' },
    denied_response: { status: { code: 429 }, headers: [option('retry-after', '3', 'set')] },
  })
})

t.test('ext_authz tells of the decision in dynamic metadata', async t => {
  const change = {
    code: 7,
    message: 'h:no',
    metadata: { rule: 'r', weight: 2, code: 'mine' },
    fromCache: true,
  }
  const plain = await answered(t, change)
  t.same(plain.answer?.dynamic_metadata, {
    fields: {
      rule: { stringValue: 'r', kind: 'stringValue' },
      weight: { numberValue: 2, kind: 'numberValue' },
      code: { numberValue: 7, kind: 'numberValue' },
      message: { stringValue: 'h:no', kind: 'stringValue' },
    },
  })
  const shown = await answered(t, change, { options: { cacheFacts: 'shown' } })
  t.match(shown.answer?.dynamic_metadata, {
    fields: { from_cache: { boolValue: true }, valid_for_ms: { numberValue: 60_000 } },
  })
})

t.test('ext_authz makes an undecided check an RPC error, or an error_response', async t => {
  const undecided = (reason: 'OVERLOADED' | 'DEADLINE' | 'CHECK_FAILED'): Setup => ({
    check: () => ({ kind: 'undecided', reason, message: 'why' }),
  })
  for (const [reason, code] of [
    ['OVERLOADED', 14],
    ['DEADLINE', 4],
    ['CHECK_FAILED', 13],
  ] as const) {
    t.match(await (await door(t, undecided(reason))).ask({}), { code, answer: undefined })
    const options = { undecided: 'error-response' } as const
    const { answer } = await (await door(t, { ...undecided(reason), options })).ask({})
    t.match(answer, { status: { code }, error_response: { status: { code: code === 4 ? 504 : 503 } } })
  }
})

t.test('ext_authz never makes an allow of a quota that nobody could say anything about', async t => {
  for (const code of [13, 14]) {
    const unasked = (bag: AttributeBag): Decided => {
      const quota = { name: 'requests', amount: 0n, code, message: 'h:gone', validForMs: 0 }
      return decided(bag, { quotas: [{ ...quota, references: bag.references }] })
    }
    const { ask } = await door(t, { check: unasked })
    const { code: rpcCode, details, answer } = await ask({})
    t.equal(answer, undefined)
    t.equal(rpcCode, 13)
    t.match(details, /quota "requests" could not be asked: h:gone/)
  }
})

t.test('ext_authz never makes an allow of a status that was forgotten', async t => {
  const broken: unknown = { code: undefined }
  const { code, details } = await answered(t, broken as Partial<Decided>)
  t.match({ code, details }, { code: 13, details: 'the check ended without a status' })
})
