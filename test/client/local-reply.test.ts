import { localReply } from '@outboard/adapters-sdk/client'
import t from 'tap'
import { clientOf } from './asking.js'
import { ScriptedServer, verdict } from './scripted-server.js'

t.test('a denial is answered with the HTTP status of its code', async t => {
  const statuses = [499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401, 500]
  for (const [before, httpStatus] of statuses.entries()) {
    const status = { code: before + 1, message: 'why' }
    const { client } = clientOf(new ScriptedServer(() => ({ answer: verdict({ status }) })))
    t.match(
      localReply(await client.check({})),
      { httpStatus, body: /^[A-Z_]+(17)?:why$/ },
      `code ${before + 1}`,
    )
  }
})

t.test('a direct response wins over the verdict, even when that is OK', async t => {
  for (const code of [0, 7]) {
    const route_directive = {
      direct_response_code: 302,
      direct_response_body: 'moved',
      response_header_operations: [{ name: 'location', value: '/x', operation: 2 }],
    }
    const { client } = clientOf(
      new ScriptedServer(() => ({ answer: verdict({ status: { code }, route_directive }) })),
    )
    t.same(localReply(await client.check({})), {
      httpStatus: 302,
      body: 'moved',
      headers: [{ operation: 'append', name: 'location', value: '/x' }],
    })
  }
})

t.test('an allowed request is passed on, with the edits of its directive', async t => {
  const route_directive = {
    request_header_operations: [
      { name: 'x-user', value: 'ann' },
      { name: 'x', operation: 1 },
    ],
  }
  const { client } = clientOf(new ScriptedServer(() => ({ answer: verdict({ route_directive }) })))
  const outcome = await client.check({})
  t.equal(localReply(outcome), undefined)
  t.same(outcome.directive?.request, [
    { operation: 'replace', name: 'x-user', value: 'ann' },
    { operation: 'remove', name: 'x', value: '' },
  ])
})
