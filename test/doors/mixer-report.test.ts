import type { AttributeValues } from '@outboard/adapters-sdk'
import { encodeReportRequest } from '@outboard/adapters-sdk/client'
import t, { type Test } from 'tap'
import { globalWords } from '../../src/mixer/doors/mixer/dictionary.js'
import { mixerService } from '../../src/mixer/doors/mixer/service.js'
import type { ReportAnswer } from '../../src/mixer/engine/api.js'
import { encode } from './protos.js'
import { connected, serverKinds } from './serving.js'
import { contents, counting, realClock, scripted } from './support.js'

const path = '/istio.mixer.v1.Mixer/Report'
const user = (value: string): AttributeValues => ({ 'source.user': { type: 'STRING', value } })
const word = (text: string) => globalWords.indexOf(text)

for (const kind of serverKinds) {
  t.test(`Mixer Report on ${kind}`, async t => {
    async function door(t: Test, answer: ReportAnswer = { kind: 'taken' }) {
      const { telemetry, counts } = counting()
      const reports: Record<string, unknown>[][] = []
      const engine = scripted({
        report: bags => {
          reports.push(bags.map(contents))
          return answer
        },
      })
      const service = mixerService({ engine, telemetry, clock: realClock })
      const client = await connected(t, { kind, services: [service] })
      const send = (bytes: Buffer) => client.call(path, bytes)
      const sendMessage = (message: Record<string, unknown>) =>
        send(encode('istio.mixer.v1.ReportRequest', message))
      return { reports, counts, send, sendMessage }
    }

    t.test('gives all sets of a report to the engine at once', async t => {
      const { reports, send } = await door(t)
      const sets = [user('a'), user('b'), {}]
      const { code, message } = await send(encodeReportRequest({ sets }))
      t.match({ code, size: message?.length }, { code: 0, size: 0 })
      t.same(reports, [[{ 'source.user': 'a' }, { 'source.user': 'b' }, {}]])
    })

    t.test('succeeds for an empty report without asking the engine', async t => {
      const { reports, send } = await door(t)
      t.equal((await send(encodeReportRequest({ sets: [] }))).code, 0)
      t.same(reports, [])
    })

    t.test('takes the default words only for sets that have none', async t => {
      const { reports, sendMessage } = await door(t)
      await sendMessage({
        repeated_attributes_semantics: 1,
        default_words: ['x'],
        attributes: [
          { strings: { [word('source.user')]: -1 } },
          { words: ['y'], strings: { [word('source.user')]: -1, [word('request.method')]: -2 } },
        ],
      })
      t.same(reports, [[{ 'source.user': 'x' }, { 'source.user': 'y' }]])
    })

    t.test('leaves out an invalid set of a delta report, and reports the others', async t => {
      const { reports, sendMessage } = await door(t)
      const size = word('request.size')
      const result = await sendMessage({
        default_words: ['x', 'y', 'nobody.knows'],
        attributes: [
          { strings: { [word('source.user')]: -1, [word('request.method')]: -99 }, int64s: { [size]: 1 } },
          { strings: { [word('source.user')]: -99 }, int64s: { [size]: 2 } },
          { strings: { '-3': -1 }, int64s: { '-3': 2 } },
          { string_maps: { [word('request.headers')]: { entries: { '-1': -99, '-2': -98 } } } },
          { int64s: { '-99': 2 } },
          { int64s: { [size]: 3 } },
        ],
      })
      t.same(reports, [
        [
          { 'source.user': 'x', 'request.size': 1 },
          { 'source.user': 'x', 'request.size': 3 },
        ],
      ])
      t.equal(result.code, 2)
      t.match(
        result.details,
        /^4 errors occurred:\n\t\* request could not be processed due to invalid attributes/,
      )
      for (const why of [
        /index -99 of source.user/,
        /nobody.knows has two types/,
        /of request.headers/,
        /index -99 is/,
      ])
        t.match(result.details, why)
    })

    t.test('forgets a value when a later set of a delta report sends one that cannot be taken', async t => {
      const { reports, sendMessage } = await door(t)
      const [ip, size] = [word('source.ip'), word('request.size')]
      await sendMessage({
        default_words: ['x'],
        attributes: [
          { strings: { [word('source.user')]: -1 }, int64s: { [size]: 1 }, bytes: { [ip]: Buffer.alloc(4) } },
          { strings: { [size]: -1 }, bytes: { [ip]: Buffer.alloc(3) } },
          { int64s: { [size]: 2 } },
        ],
      })
      t.match(reports[0]?.[0], { 'request.size': 1 })
      t.same(reports[0]?.slice(1), [{ 'source.user': 'x' }, { 'source.user': 'x', 'request.size': 2 }])
    })

    t.test('succeeds without reporting when the encoding has an unknown number', async t => {
      const { reports, sendMessage } = await door(t)
      t.equal((await sendMessage({ repeated_attributes_semantics: 7, attributes: [{}] })).code, 0)
      t.same(reports, [])
    })

    t.test('answers as upstream does when the engine does not take all', async t => {
      const report = encodeReportRequest({ sets: [user('a')] })
      t.match(await (await door(t, { kind: 'overloaded' })).send(report), {
        code: 14,
        details: 'Server is currently overloaded. Please try again.',
      })
      const failed = await door(t, { kind: 'failed', problems: ['no room in h'] })
      t.match(await failed.send(report), { code: 2, details: '1 error occurred:\n\t* no room in h\n\n' })
    })

    t.test('refuses larger dictionaries even when the report is empty, and malformed bytes', async t => {
      const { counts, reports, send } = await door(t)
      t.match(await send(encodeReportRequest({ sets: [], globalWordCount: 223 })), {
        code: 13,
        details: /222/,
      })
      t.match(await send(Buffer.from([0x0a, 0x02, 0x0a, 0x09])), { code: 3 })
      t.equal(counts.get('door_malformed{door="mixer"}'), 1)
      t.same(reports, [])
    })
  })
}
