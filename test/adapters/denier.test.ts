import t from 'tap'
import { denier } from '../../src/adapters/denier/adapter.js'
import { callWith, FakeHost, instanceOf, opener, rejection } from './support/fakes.js'

const nothing = instanceOf('checknothing', 'n.instance.test')
const detail = 'type.googleapis.com/istio.policy.v1beta1.DirectHttpResponse'

t.test('denier without settings refuses with FAILED_PRECONDITION for 5 s and 1000 uses', async t => {
  const handler = await opener(t, denier)({})
  t.match(await handler.check(nothing, callWith()), {
    kind: 'deny',
    code: 9,
    message: '',
    direct: undefined,
    caching: { kind: 'valid', forMs: 5_000, uses: 1_000 },
  })
})

t.test('denier replaces only the parts of the status that are given', async t => {
  const open = opener(t, denier)
  const cases: [unknown, object][] = [
    [{ status: { message: 'closed' } }, { kind: 'deny', code: 9, message: 'closed' }],
    [{ status: { code: 7 } }, { kind: 'deny', code: 7, message: '' }],
    [{ valid_duration: '1.5s', valid_use_count: -1 }, { caching: { forMs: 1_500, uses: -1 } }],
    [{ status: { code: 99 } }, { kind: 'deny', code: 99 }],
  ]
  for (const [settings, expected] of cases) {
    const handler = await open(settings)
    t.match(await handler.check(nothing, callWith()), expected)
  }
})

t.test('denier with status code 0 allows', async t => {
  const handler = await opener(t, denier)({ status: { code: 0 }, validDuration: '60s' })
  t.match(await handler.check(nothing, callWith()), {
    kind: 'allow',
    caching: { kind: 'valid', forMs: 60_000, uses: 1_000 },
  })
})

t.test('denier hands on a direct response, with one header for each cookie', async t => {
  const handler = await opener(
    t,
    denier,
  )({
    status: {
      code: 16,
      details: [
        {
          '@type': detail,
          code: 'Found',
          body: 'moved',
          headers: {
            location: 'https://login.test/',
            'Set-Cookie': 'a=1; Expires=Wed, 21 Oct 2030 07:28:00 GMT, b=2; Path=/',
          },
        },
      ],
    },
  })
  const verdict = await handler.check(nothing, callWith())
  t.match(verdict, { kind: 'deny', code: 16 })
  t.same(verdict.kind === 'deny' && verdict.direct, {
    httpStatus: 302,
    body: 'moved',
    headers: [
      ['location', 'https://login.test/'],
      ['Set-Cookie', 'a=1; Expires=Wed, 21 Oct 2030 07:28:00 GMT'],
      ['Set-Cookie', 'b=2; Path=/'],
    ],
  })
})

t.test('denier takes an HTTP status by number, also one without a name', async t => {
  const open = opener(t, denier)
  for (const [code, httpStatus] of [
    [418, 418],
    ['429', 429],
    [undefined, 0],
  ] as const) {
    const handler = await open({ status: { details: [{ '@type': detail, code }] } })
    t.match(await handler.check(nothing, callWith()), { direct: { httpStatus, body: '', headers: [] } })
  }
})

t.test('denier says that details of other types have no effect', async t => {
  const host = new FakeHost()
  const handler = await opener(t, denier)({ status: { details: [{ '@type': 'x/y.Z', a: 1 }] } }, host)
  t.match(await handler.check(nothing, callWith()), { kind: 'deny', direct: undefined })
  t.match(host.logged, [/warn: .*"x\/y\.Z".*no effect/])
})

t.test('denier refuses settings that mean nothing, with their paths', async t => {
  const cases: [unknown, RegExp][] = [
    [{ status: { code: -1 } }, /^status\.code: /],
    [{ status: { details: [{ '@type': detail, code: 99 }] } }, /^status\.details\[0\]\.code: /],
    [{ status: { details: [{ '@type': detail, code: 'Nope' }] } }, /^status\.details\[0\]\.code: /],
    [{ validDuration: '-1s' }, /^validDuration: /],
    [{ validUses: 1 }, /^validUses: is not known/],
  ]
  for (const [settings, message] of cases)
    t.match(await rejection(denier.open(settings, new FakeHost())), { message })
})

t.test('denier grants nothing of a quota, with the validity of a default answer', async t => {
  const handler = await opener(t, denier)({ status: { code: 7 } })
  const grant = await handler.quota(
    instanceOf('quota', 'q.instance.test'),
    { amount: 5n, bestEffort: true },
    callWith(),
  )
  t.same(grant, { kind: 'granted', amount: 0n, validForMs: 0 })
})
