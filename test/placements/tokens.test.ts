import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http'
import { AdapterError } from '@outboard/adapters-sdk'
import t from 'tap'
import type { TokenSpec } from '../../src/mixer/engine/ports.js'
import { OAuthToken } from '../../src/mixer/placements/security/oauth-token.js'
import { TokenFile } from '../../src/mixer/placements/security/token-file.js'
import { ManualClock } from '../support/manual-clock.js'
import { Files } from './support/files.js'

const fileSpec = (
  path: string,
  header: (TokenSpec & { source: 'file' })['header'],
): TokenSpec & { source: 'file' } => ({
  source: 'file',
  path,
  header,
})

t.test('a token file is sent as its header wants it, without the newline at its end', async t => {
  const files = new Files()
  t.teardown(() => files.remove())
  const path = files.write('token', 'secret\n')
  const clock = new ManualClock()
  const plain = new TokenFile(fileSpec(path, { kind: 'authorization-plain' }), clock)
  const bearer = new TokenFile(fileSpec(path, { kind: 'authorization-bearer' }), clock)
  const custom = new TokenFile(fileSpec(path, { kind: 'custom', name: 'X-Api-Key' }), clock)
  t.same([plain.header, plain.value()], ['authorization', 'secret'])
  t.same([bearer.header, bearer.value()], ['authorization', 'Bearer secret'])
  t.same([custom.header, custom.value()], ['x-api-key', 'secret'])
})

t.test('a token file is read again when it has changed', async t => {
  const files = new Files()
  t.teardown(() => files.remove())
  const path = files.write('token', 'one')
  const clock = new ManualClock()
  const token = new TokenFile(fileSpec(path, { kind: 'authorization-plain' }), clock)
  t.equal(token.value(), 'one')
  files.write('token', 'another')
  t.equal(token.value(), 'one', 'it is looked at once a second')
  clock.advance(1_000)
  t.equal(token.value(), 'another')
})

t.test('a token file that no header can carry is an error that does not show the secret', async t => {
  const files = new Files()
  t.teardown(() => files.remove())
  const clock = new ManualClock()
  for (const [name, content] of Object.entries({
    empty: '',
    lines: 'hunter2\nhunter2',
    long: 'h'.repeat(20_000),
  })) {
    const token = new TokenFile(fileSpec(files.write(name, content), { kind: 'authorization-plain' }), clock)
    try {
      token.value()
      t.fail('no token can come of it')
    } catch (thrown) {
      t.ok(thrown instanceof AdapterError && thrown.code === 'ADAPTER_UNAVAILABLE')
      t.notMatch(String(thrown), /hunter2/)
    }
  }
})

/** A token server that a test tells what to answer. */
class TokenServer {
  readonly requests: { readonly headers: IncomingMessage['headers']; readonly form: URLSearchParams }[] = []
  answer: (request: {
    headers: IncomingMessage['headers']
    form: URLSearchParams
  }) => [status: number, body: string] = () => [
    200,
    '{"access_token":"t-1","token_type":"bearer","expires_in":100}',
  ]
  #server: HttpServer | undefined
  url = ''

  async listen(): Promise<void> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(Buffer.from(chunk))
      const seen = { headers: request.headers, form: new URLSearchParams(Buffer.concat(chunks).toString()) }
      this.requests.push(seen)
      const [status, body] = this.answer(seen)
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    this.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/token`
    this.#server = server
  }

  close(): void {
    this.#server?.closeAllConnections()
    this.#server?.close()
  }
}

async function oauth(t: { teardown(run: () => void): unknown }) {
  const files = new Files()
  const server = new TokenServer()
  await server.listen()
  const clock = new ManualClock()
  t.teardown(() => {
    server.close()
    files.remove()
  })
  const spec: TokenSpec & { source: 'oauth' } = {
    source: 'oauth',
    clientId: 'host id',
    clientSecretPath: files.write('secret', 's3cret:/\n'),
    tokenUrl: server.url,
    scopes: ['read', 'write'],
    endpointParams: new Map([['audience', 'adapters']]),
  }
  return { server, clock, token: new OAuthToken(spec, clock) }
}

t.test('an OAuth token is fetched with the client credentials, once for all who wait', async t => {
  const { server, token } = await oauth(t)
  t.same(await Promise.all([token.value(), token.value(), token.value()]), [
    'Bearer t-1',
    'Bearer t-1',
    'Bearer t-1',
  ])
  t.equal(token.value(), 'Bearer t-1', 'from now on it is there at once')
  t.equal(server.requests.length, 1)
  const seen = server.requests[0]
  const basic = `Basic ${Buffer.from('host+id:s3cret%3A%2F').toString('base64')}`
  t.equal(seen?.headers.authorization, basic)
  t.same(Object.fromEntries(seen?.form ?? []), {
    grant_type: 'client_credentials',
    scope: 'read write',
    audience: 'adapters',
  })
})

t.test('a server that wants the secret in the body gets it there', async t => {
  const { server, token } = await oauth(t)
  server.answer = ({ form }) =>
    form.get('client_secret') === 's3cret:/' && form.get('client_id') === 'host id'
      ? [200, '{"access_token":"t-2","token_type":"MAC"}']
      : [401, '{}']
  t.equal(await token.value(), 'MAC t-2')
  t.equal(server.requests.length, 2)
})

t.test('a token is fetched again before it runs out, and the old one serves meanwhile', async t => {
  const { server, clock, token } = await oauth(t)
  await token.value()
  server.answer = () => [200, '{"access_token":"t-3","token_type":"Bearer","expires_in":100}']
  clock.advance(89_000)
  t.equal(token.value(), 'Bearer t-1')
  t.equal(server.requests.length, 1)
  clock.advance(2_000)
  t.equal(token.value(), 'Bearer t-1', 'this call goes out with the old one')
  while (token.value() !== 'Bearer t-3') await new Promise(resolve => setTimeout(resolve, 5))
  t.equal(server.requests.length, 2)
})

t.test('a refresh that fails keeps the old token until it has run out', async t => {
  const { server, clock, token } = await oauth(t)
  await token.value()
  server.answer = () => [500, '']
  clock.advance(91_000)
  t.equal(token.value(), 'Bearer t-1')
  while (server.requests.length < 2) await new Promise(resolve => setTimeout(resolve, 5))
  t.equal(await token.value(), 'Bearer t-1')
  clock.advance(10_000)
  await t.rejects(async () => token.value(), { code: 'ADAPTER_UNAVAILABLE', message: /500/ })
})

const badAnswers: readonly (readonly [status: number, body: string])[] = [
  [500, ''],
  [200, 'not json'],
  [200, '{}'],
  [200, '[]'],
  [200, 'null'],
  [200, '{"access_token":"line\\nbreak"}'],
  [200, `{"access_token":"${'x'.repeat(70_000)}"}`],
  [302, ''],
]

t.test('an answer that holds no token fails, and is not asked for again at once', async t => {
  for (const [status, body] of badAnswers) {
    const { server, clock, token } = await oauth(t)
    server.answer = () => [status, body]
    await t.rejects(async () => token.value(), { code: 'ADAPTER_UNAVAILABLE' })
    const asked = server.requests.length
    await t.rejects(async () => token.value(), { code: 'ADAPTER_UNAVAILABLE' })
    t.equal(server.requests.length, asked)
    clock.advance(1_000)
    server.answer = () => [200, '{"access_token":"t-4"}']
    t.equal(await token.value(), 'Bearer t-4')
  }
})
