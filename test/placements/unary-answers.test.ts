import type { Verdict } from '@outboard/adapters-sdk'
import t from 'tap'
import { asking, command, question } from '../contract/asking.js'
import { bytes, field, openedUnary } from './support/unary.js'

const codeOf = (verdict: Verdict) => (verdict.kind === 'failed' ? verdict.error.code : verdict.kind)
const listentry = '/listentry.HandleListEntryService/HandleListEntry'
const quotaPath = '/quota.HandleQuotaService/HandleQuota'

const answers: Readonly<Record<string, readonly [answer: Buffer, verdict: object]>> = {
  'nothing at all': [Buffer.alloc(0), { kind: 'allow', caching: { kind: 'no-opinion' } }],
  'a validity': [
    bytes(0x12, 2, 0x08, 5, 0x18, 7),
    { kind: 'allow', caching: { kind: 'valid', forMs: 5_000, uses: 7 } },
  ],
  'uses without limit': [
    bytes(0x12, 2, 0x08, 5, 0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
    { caching: { kind: 'valid', forMs: 5_000, uses: -1 } },
  ],
  'a negative duration': [
    bytes(0x12, 11, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
    { kind: 'allow', caching: { kind: 'no-opinion' } },
  ],
  'a denial': [
    bytes(0x0a, 6, 0x08, 7, 0x12, 2, 'no'),
    { kind: 'deny', code: 7, message: 'no', direct: undefined, caching: { kind: 'do-not-cache' } },
  ],
  'fields of a later version': [bytes(0x5a, 1, 'x', 0x60, 1, 0x18, 7, 0x12, 2, 0x08, 1), { kind: 'allow' }],
}

for (const [name, [answer, verdict]] of Object.entries(answers)) {
  t.test(`an answer is understood: ${name}`, async t => {
    const { handler } = await openedUnary(t, { [listentry]: () => answer })
    t.match(await handler.check(command('x'), asking()), verdict)
  })
}

const direct = (content: Buffer) =>
  field(
    1,
    Buffer.concat([
      bytes(0x08, 8),
      field(
        3,
        Buffer.concat([
          field(1, 'type.googleapis.com/istio.policy.v1beta1.DirectHttpResponse'),
          field(2, content),
        ]),
      ),
    ]),
  )

const header = (name: string, value: string) => field(3, Buffer.concat([field(1, name), field(2, value)]))

t.test('a direct response: status, body, and each cookie by itself', async t => {
  const cookies = 'a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT, b=2; Path=/'
  const content = Buffer.concat([
    bytes(0x08, 0xad, 0x03),
    field(2, 'slow'),
    header('Set-Cookie', cookies),
    header('X-A', '1, 2'),
  ])
  const { handler } = await openedUnary(t, { [listentry]: () => direct(content) })
  const verdict = await handler.check(command('x'), asking())
  t.match(verdict, { kind: 'deny', code: 8 })
  t.same(verdict.kind === 'deny' && verdict.direct, {
    httpStatus: 429,
    body: 'slow',
    headers: [
      ['set-cookie', 'a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT'],
      ['set-cookie', 'b=2; Path=/'],
      ['x-a', '1, 2'],
    ],
  })
})

t.test('a direct response beyond the limits is a failed verdict', async t => {
  const tooMuch = {
    body: field(2, 'x'.repeat(600)),
    headers: Buffer.concat(Array.from({ length: 5 }, (_, i) => header(`x-${i}`, 'v'))),
    header: header('x', 'y'.repeat(300)),
  }
  const limits = { bodyBytes: 500, headerOperations: 4, headerBytes: 200 }
  for (const [name, content] of Object.entries(tooMuch)) {
    const { handler } = await openedUnary(t, { [listentry]: () => direct(content) }, {}, limits)
    t.equal(codeOf(await handler.check(command('x'), asking())), 'ADAPTER_LIMIT', name)
  }
})

const garbage: readonly Uint8Array[] = [
  Buffer.alloc(40, 0xff),
  bytes(0x0a),
  bytes(0x0a, 100, 1),
  bytes(0x0b),
  bytes(0x00, 0x00),
  bytes(0x10, 1),
  bytes(0x0a, 2, 0x0a, 1),
  Buffer.from([0x18, ...Array(11).fill(0xff)]),
]

t.test('garbage for an answer is a failed verdict, and the next one counts again', async t => {
  let answer = new Uint8Array()
  const { handler } = await openedUnary(t, { [listentry]: () => Buffer.from(answer) })
  for (const bad of garbage) {
    answer = Uint8Array.from(bad)
    t.equal(
      codeOf(await handler.check(command('x'), asking())),
      'ADAPTER_PROTOCOL',
      Buffer.from(bad).toString('hex'),
    )
  }
  answer = new Uint8Array()
  t.equal(codeOf(await handler.check(command('x'), asking())), 'allow')
})

t.test('an answer of megabytes is a failed verdict', async t => {
  const { handler } = await openedUnary(
    t,
    { [listentry]: () => Buffer.alloc(300_000, 1) },
    {},
    { frameBytes: 100_000 },
  )
  t.equal(codeOf(await handler.check(command('x'), asking())), 'ADAPTER_LIMIT')
})

t.test('a quota: one entry under the instance name, and its status counts', async t => {
  const entry = (name: string, result: Buffer) => field(1, Buffer.concat([field(1, name), field(2, result)]))
  let answer = Buffer.alloc(0)
  const { adapter, handler } = await openedUnary(t, { [quotaPath]: () => answer })
  const ask = () =>
    handler.quota(question('quota', {}), { amount: 300n, bestEffort: true }, asking({ dedupId: 'q' }))
  answer = Buffer.concat([
    entry('other', bytes(0x18, 9)),
    entry('a.instance.test', bytes(0x12, 2, 0x08, 3, 0x18, 5)),
  ])
  t.same(await ask(), { kind: 'granted', amount: 5n, validForMs: 3_000 })
  const params = bytes(0x08, 0xac, 0x02, 0x10, 1)
  const asked = field(4, field(1, Buffer.concat([field(1, 'a.instance.test'), field(2, params)])))
  t.ok(adapter.calls[0]?.request.includes(asked))
  answer = entry('a.instance.test', Buffer.concat([field(4, bytes(0x08, 8, 0x12, 3, 'out'))]))
  t.same(await ask(), { kind: 'refused', code: 8, message: 'out', validForMs: 0 })
  answer = entry('other', bytes(0x18, 9))
  t.match(await ask(), { kind: 'failed', error: { code: 'ADAPTER_PROTOCOL', message: /no entry/ } })
})
