import t from 'tap'
import { AnswerJudge } from '../../src/bench/requests/answer-judge.js'
import { judge } from '../../src/bench/requests/answers.js'
import { standardFacts } from '../../src/bench/requests/facts.js'
import { checkAttributes } from '../../src/bench/requests/mixer.js'
import { Random } from '../../src/bench/requests/random.js'
import {
  prepare,
  readWorkload,
  standardVariety,
  standardWorkload,
} from '../../src/bench/requests/workload.js'
import { decodeCheckRequest } from '../../src/mixer/doors/ext-authz/request.js'
import { verdict } from './fake-server.js'

t.test('the standard Check has 29 attributes and about 1.5 kB', async t => {
  const requests = prepare('mixer', standardWorkload)
  const bytes = requests.reduce((sum, { message }) => sum + message.length, 0) / requests.length
  t.ok(bytes > 1_450 && bytes < 1_550, `${bytes} bytes`)
  for (const facts of standardFacts({ ...standardVariety, distinct: 10 }))
    t.equal(Object.keys(checkAttributes(facts)).length, 29)
})

t.test('requests are the same each time, and differ among each other', async t => {
  const [once, again] = [1, 2].map(() =>
    prepare('mixer', standardWorkload).map(({ message }) => message.toString('hex')),
  )
  t.same(once, again)
  t.equal(new Set(once).size, standardVariety.distinct)
  const other = prepare('mixer', { ...standardWorkload, seed: 2 }).map(({ message }) =>
    message.toString('hex'),
  )
  t.notSame(once, other)
})

t.test('requests have as many attributes as asked for', async t => {
  for (const count of [10, 29, 120])
    for (const facts of standardFacts({ distinct: 1, users: 1, seed: 1 }))
      t.equal(Object.keys(checkAttributes(facts, count)).length, count)
})

t.test('a mixed workload has the share of hot users that was asked for', async t => {
  const workload = {
    kind: 'mixed',
    hotShare: 0.9,
    distinct: 1_000,
    users: 10,
    coldUsers: 50,
    seed: 1,
  } as const
  const bytes = prepare('mixer', workload).map(({ message }) => message)
  const isHot = (message: Buffer) => /user-00000\d@/.test(message.toString('latin1'))
  t.equal(bytes.filter(isHot).length, 900)
})

t.test('reports are cut into batches', async t => {
  const reports = prepare('mixer-report', { kind: 'report', batch: 100, ...standardVariety })
  t.equal(reports.length, 10)
  t.ok((reports[0]?.message.length ?? 0) > 50_000)
})

t.test('requests come from files, for either API', async t => {
  const folder = t.testdir({
    'mixer.json': '[{"request.path": "/a"}, {"request.path": "/b"}]',
    'authz.json': '{"host": "shop.example", "path": "/a?b=c", "headers": {"x-user": "ann"}}',
    'bad.json': '{"path": "/a"}',
  })
  const file = (name: string) => ({ kind: 'file', path: `${folder}/${name}` }) as const
  t.equal(prepare('mixer', file('mixer.json')).length, 2)
  const [authz] = prepare('ext-authz', file('authz.json'))
  for (const text of ['shop.example', '/a?b=c', 'x-user', 'ann', 'GET'])
    t.ok(authz?.message.includes(text), text)
  t.throws(() => prepare('ext-authz', file('bad.json')), { code: 'CLI_FILE_UNREADABLE' })
})

t.test('requests for ext-authz are sent as their file says', async t => {
  const folder = t.testdir({
    'plain.json':
      '{"host": "shop.example", "path": "/cart", "sourceIp": "::1", "headers": {"X-User": "ann"}}',
    'bad.json': '{"host": "shop.example", "sourceIp": "10.0.0"}',
  })
  const file = (name: string) => ({ kind: 'file', path: `${folder}/${name}` }) as const
  const message = prepare('ext-authz', file('plain.json'))[0]?.message ?? Buffer.alloc(0)
  t.match(decodeCheckRequest(message), { http: { path: '/cart' } })
  for (const text of ['::1', 'x-user']) t.ok(message.includes(text), text)
  for (const text of ['/cart?', 'X-User', 'NaN']) t.notOk(message.includes(text), text)
  t.throws(() => prepare('ext-authz', file('bad.json')), { message: /"10.0.0" of request 0 is no address/ })
})

t.test('a workload comes through messages between processes; what is none is refused', async t => {
  for (const workload of [
    standardWorkload,
    { kind: 'report', batch: 7, ...standardVariety },
    { kind: 'mixed', hotShare: 0.5, coldUsers: 9, ...standardVariety },
    { kind: 'file', path: '/x' },
  ])
    t.same(readWorkload(structuredClone(workload)), workload)
  t.throws(() => readWorkload({ kind: 'other' }), TypeError)
  t.throws(() => readWorkload({ kind: 'report' }), { name: 'FieldError' })
})

t.test('judge finds the code of a verdict, and what is no answer', async t => {
  t.equal(judge('mixer', verdict(0), 0), undefined)
  t.equal(judge('mixer', verdict(7), 7), undefined)
  t.match(judge('mixer', verdict(7), 0), /code is 7/)
  t.equal(judge('mixer', verdict(7), undefined), undefined)
  t.match(judge('mixer', Buffer.alloc(0), 0), /no precondition/)
  t.equal(judge('ext-authz', Buffer.alloc(0), 0), undefined, 'no status is OK')
  t.match(judge('ext-authz', Buffer.from([0x0a, 2, 8, 7]), 0), /code is 7/)
  t.match(judge('mixer', Buffer.from([0x12, 200]), 0), /cannot be decoded/)
})

t.test('AnswerJudge finds the same as judge, also in answers that it has met before', async t => {
  const judging = new AnswerJudge('mixer')
  const request = Buffer.alloc(10)
  const answers = [0, 7, 5].map(verdict)
  for (let time = 0; time < 3; time++)
    for (const answer of answers)
      for (const expected of [0, 7, undefined]) {
        const bytes = Buffer.concat([Buffer.from('before'), answer, Buffer.from('behind')])
        const found = judging.problemOf(request, bytes, 6, 6 + answer.length, expected)
        t.equal(found, judge('mixer', answer, expected))
      }
})

t.test('AnswerJudge wants of an echo what was sent', async t => {
  const judging = new AnswerJudge('echo')
  const bytes = Buffer.from('12345abc')
  t.equal(judging.problemOf(Buffer.from('abc'), bytes, 5, 8, undefined), undefined)
  t.match(judging.problemOf(Buffer.from('abd'), bytes, 5, 8, undefined), /differs/)
  t.match(judging.problemOf(Buffer.from('abc'), bytes, 4, 8, undefined), /differs/)
})

t.test('Random is evenly spread', async t => {
  const random = new Random(1)
  const counts = [0, 0, 0, 0]
  for (let i = 0; i < 40_000; i++) {
    const at = random.below(4)
    counts[at] = (counts[at] ?? 0) + 1
  }
  for (const count of counts) t.ok(Math.abs(count - 10_000) < 400)
  t.match(random.hex(13), /^[0-9a-f]{13}$/)
})
