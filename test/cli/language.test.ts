import t, { type Test } from 'tap'
import { run } from '../../src/cli/index.js'
import { check, denier, documents } from './serving.js'
import { TestShell } from './shell.js'

/** A rule that only CEL understands, with or without the annotation that says so. */
function celRule(annotations: string): string {
  return documents(
    denier('closed')
      .replace('request.path == "/secret"', 'request.path in ["/secret", "/hidden"]')
      .replace(
        'metadata: {name: refuse, namespace: istio-system}\nspec:\n  match',
        `metadata: {name: refuse, namespace: istio-system${annotations}}\nspec:\n  match`,
      ),
  )
}

const annotated = celRule(', annotations: {policy.istio.io/lang: CEL}')
const plain = celRule('')

async function validate(t: Test, yaml: string, env: Record<string, string>) {
  const shell = new TestShell(env)
  const code = await run(['validate', t.testdir({ 'all.yaml': yaml })], shell)
  return { code, printed: shell.stdout + shell.stderr }
}

t.test('without ISTIO_LANG each document says its language itself', async t => {
  t.match(await validate(t, annotated, {}), { code: 0 })
  t.match(await validate(t, plain, {}), { code: 1, printed: /CONFIG_BAD_EXPRESSION/ })
})

t.test('ISTIO_LANG gives the language to all, an empty one too', async t => {
  t.match(await validate(t, plain, { ISTIO_LANG: 'CEL' }), { code: 0 })
  t.match(await validate(t, plain, { ISTIO_LANG: 'COMPAT' }), { code: 1 })
  t.match(await validate(t, annotated, { ISTIO_LANG: '' }), { code: 1, printed: /CONFIG_BAD_EXPRESSION/ })
})

t.test('explain obeys ISTIO_LANG', async t => {
  const explain = async (env: Record<string, string>) => {
    const shell = new TestShell(env)
    const folder = t.testdir({ config: { 'all.yaml': plain }, 'request.json': '{"request.path": "/hidden"}' })
    const code = await run(['explain', '--attributes', `${folder}/request.json`, `${folder}/config`], shell)
    return { code, printed: shell.stdout + shell.stderr }
  }
  t.match(await explain({ ISTIO_LANG: 'CEL' }), { code: 0, printed: /refuse\S* \(check\): matches/ })
  t.match(await explain({}), { code: 1 })
})

t.test('the host obeys ISTIO_LANG', async t => {
  const serve = (yaml: string, shell: TestShell) => {
    const config = t.testdir({ 'all.yaml': yaml })
    return run(['serve', '--config', config, '--address', '127.0.0.1:0', '--admin', 'off'], shell)
  }
  const classic = new TestShell({ ISTIO_LANG: '' })
  t.equal(await serve(annotated, classic), 1)
  t.match(classic.stderr, /CLI_CONFIG_REFUSED/)
  const cel = new TestShell({ ISTIO_LANG: 'CEL' })
  const ended = serve(plain, cel)
  const early = ended.then((code): RegExpExecArray => {
    throw new Error(`it ended with ${code}: ${cel.stderr}`)
  })
  early.catch(() => {})
  const listening = cel.printed(/"event":"listening","addresses":\["([^"]+)"/)
  const [, mixer = ''] = await Promise.race([listening, early])
  t.equal((await check(mixer, '/hidden')).code, 3)
  t.equal((await check(mixer, '/open')).code, 0)
  cel.signal('SIGTERM')
  t.equal(await ended, 0)
})
