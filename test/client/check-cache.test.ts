import type { AttributeValues } from '@outboard/adapters-sdk'
import t from 'tap'
import { clientOf, request } from './asking.js'
import { referenced, ScriptedServer, verdict } from './scripted-server.js'

/** A server whose answers depend on these, and hold for ten seconds. */
const dependingOn = (...references: Parameters<typeof referenced>) =>
  new ScriptedServer(() => ({ answer: verdict({ referenced_attributes: referenced(...references) }) }))

const headers = { name: 'request.headers' }

/** A first request, one that follows, and whether the first one's answer may be given to it. */
const pairs: readonly {
  readonly says: string
  readonly references: Parameters<typeof referenced>
  readonly first: AttributeValues
  readonly next: AttributeValues
  readonly hit: boolean
}[] = [
  {
    says: 'the same value of what was looked at',
    references: [{ name: 'source.user' }],
    first: request({ 'source.user': 'ann', 'request.path': '/a' }),
    next: request({ 'source.user': 'ann', 'request.path': '/b' }),
    hit: true,
  },
  {
    says: 'another value',
    references: [{ name: 'source.user' }],
    first: request({ 'source.user': 'ann' }),
    next: request({ 'source.user': 'bob' }),
    hit: false,
  },
  {
    says: 'a value that has gone',
    references: [{ name: 'source.user' }],
    first: request({ 'source.user': 'ann' }),
    next: request({}),
    hit: false,
  },
  {
    says: 'still absent',
    references: [{ name: 'source.user', condition: 'ABSENCE' }],
    first: request({}),
    next: request({ 'request.path': '/b' }),
    hit: true,
  },
  {
    says: 'no longer absent',
    references: [{ name: 'source.user', condition: 'ABSENCE' }],
    first: request({}),
    next: request({ 'source.user': '' }),
    hit: false,
  },
  {
    says: 'the same value under a key, other keys changed',
    references: [{ ...headers, key: 'x-user' }],
    first: request({ 'request.headers': { 'x-user': 'ann', a: '1' } }),
    next: request({ 'request.headers': { 'x-user': 'ann', b: '2' } }),
    hit: true,
  },
  {
    says: 'another value under a key',
    references: [{ ...headers, key: 'x-user' }],
    first: request({ 'request.headers': { 'x-user': 'ann' } }),
    next: request({ 'request.headers': { 'x-user': 'bob' } }),
    hit: false,
  },
  {
    says: 'a key still missing',
    references: [{ ...headers, key: 'x-user', condition: 'ABSENCE' }],
    first: request({ 'request.headers': { a: '1' } }),
    next: request({ 'request.headers': { b: '2' } }),
    hit: true,
  },
  {
    says: 'a key no longer missing',
    references: [{ ...headers, key: 'x-user', condition: 'ABSENCE' }],
    first: request({ 'request.headers': { a: '1' } }),
    next: request({ 'request.headers': { 'x-user': 'ann' } }),
    hit: false,
  },
  {
    says: 'a map in which a key was missing, gone altogether',
    references: [{ ...headers, key: 'x-user', condition: 'ABSENCE' }],
    first: request({ 'request.headers': { a: '1' } }),
    next: request({}),
    hit: false,
  },
  {
    says: 'a whole map that was absent and now is there (the stale hit of other proxies)',
    references: [{ ...headers, condition: 'ABSENCE' }],
    first: request({}),
    next: request({ 'request.headers': { 'x-user': 'mallory' } }),
    hit: false,
  },
  {
    says: 'a map that was absent and now is empty, which is not sent',
    references: [{ ...headers, condition: 'ABSENCE' }],
    first: request({}),
    next: request({ 'request.headers': {} }),
    hit: true,
  },
  {
    says: 'a key that every object inherits',
    references: [{ ...headers, key: 'constructor', condition: 'ABSENCE' }],
    first: request({ 'request.headers': { a: '1' } }),
    next: request({ 'request.headers': { a: '2' } }),
    hit: true,
  },
  {
    says: 'values that move over the border between two attributes',
    references: [{ name: 'a' }, { name: 'b' }],
    first: request({ a: 'x', b: '1:yz' }),
    next: request({ a: 'x1:', b: 'yz' }),
    hit: false,
  },
  {
    says: 'values that move over the border, separators and letters with them',
    references: [{ name: 'a' }, { name: 'b' }],
    first: request({ a: '', b: ':s' }),
    next: request({ a: ':s', b: '' }),
    hit: false,
  },
  {
    says: 'a number for its text',
    references: [{ name: 'a' }],
    first: { a: { type: 'INT64', value: 1n } },
    next: { a: { type: 'STRING', value: '1' } },
    hit: false,
  },
  {
    says: 'a duration for the same number',
    references: [{ name: 'a' }],
    first: { a: { type: 'INT64', value: 1n } },
    next: { a: { type: 'DURATION', value: 1n } },
    hit: false,
  },
  {
    says: 'a whole map that was looked at, which no server may say',
    references: [headers],
    first: request({ 'request.headers': { a: '1' } }),
    next: request({ 'request.headers': { a: '1' } }),
    hit: false,
  },
  {
    says: 'a pattern',
    references: [{ name: 'source.user', condition: 'REGEX' }],
    first: request({ 'source.user': 'ann' }),
    next: request({ 'source.user': 'ann' }),
    hit: false,
  },
  {
    says: 'something that the request does not have, although the answer says so',
    references: [{ name: 'source.user' }],
    first: request({}),
    next: request({}),
    hit: false,
  },
  {
    says: 'a key of something that is no map',
    references: [{ name: 'source.user', key: 'x' }],
    first: request({ 'source.user': 'ann' }),
    next: request({ 'source.user': 'ann' }),
    hit: false,
  },
]

for (const { says, references, first, next, hit } of pairs)
  t.test(`a kept verdict is ${hit ? '' : 'not '}given for ${says}`, async t => {
    const { client, server } = clientOf(dependingOn(...references))
    t.equal((await client.check(first)).fromCache, false)
    t.equal((await client.check(next)).fromCache, hit)
    t.equal(server.checks.length, hit ? 1 : 2)
  })

t.test('a word of neither dictionary makes an answer unfit to keep', async t => {
  for (const match of [
    { name: 250, condition: 2 },
    { name: 150, condition: 1 }, // known, but not to a caller of 111 words
    { name: -5, condition: 1 },
    { name: 15, map_key: -5, condition: 1 },
    { name: 15, map_key: 250, condition: 1 },
    { name: 15 },
    { name: 15, condition: 9 },
  ]) {
    const said = verdict({ referenced_attributes: { words: ['a'], attribute_matches: [match] } })
    const { client } = clientOf(new ScriptedServer(() => ({ answer: said })), { globalWordCount: 111 })
    await client.check({})
    t.equal((await client.check({})).fromCache, false, JSON.stringify(match))
  }
})

t.test('denials are kept with their directive and message', async t => {
  const directive = {
    direct_response_code: 302,
    direct_response_body: 'gone',
    response_header_operations: [{ name: 'location', value: '/x' }],
  }
  const said = verdict({ status: { code: 7, message: 'h:no' }, route_directive: directive })
  const { client, server } = clientOf(new ScriptedServer(() => ({ answer: said })))
  const asked = await client.check({})
  const kept = await client.check({})
  t.match(asked, { allowed: false, status: { code: 7, message: 'h:no' }, fromCache: false })
  t.match(kept, { ...asked, fromCache: true })
  t.match(kept.directive, { directStatus: 302, response: [{ operation: 'replace', name: 'location' }] })
  t.equal(server.checks.length, 1)
  t.match(client.statistics(), { checks: 2, checkCacheDenied: 1, checkCacheMisses: 1, remoteChecks: 1 })
})

t.test('an answer without a verdict is a denial, and is not kept', async t => {
  const { client, server } = clientOf(new ScriptedServer(() => ({ answer: {} })), { failPolicy: 'open' })
  t.match(await client.check({}), { allowed: false, status: { code: 3 }, failure: undefined })
  await client.check({})
  t.equal(server.checks.length, 2)
})

t.test('headers that change while the answer is under way do not change what is kept', async t => {
  const server = dependingOn({ ...headers, key: 'x-user' })
  const { client } = clientOf(server)
  const live: Record<string, string> = { 'x-user': 'ann' }
  server.hold()
  const asked = client.check(request({ 'request.headers': live }))
  live['x-user'] = 'mallory'
  server.release()
  await asked
  t.equal((await client.check(request({ 'request.headers': { 'x-user': 'mallory' } }))).fromCache, false)
  t.equal((await client.check(request({ 'request.headers': { 'x-user': 'ann' } }))).fromCache, true)
  t.equal(server.checks[0]?.attributes.get('request.headers'), 'x-user=ann')
})
