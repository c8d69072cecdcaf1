import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { cliCodes } from '../../src/cli/errors.js'
import { adminCodes } from '../../src/mixer/admin/index.js'
import { configCodes } from '../../src/mixer/config/index.js'
import { scan } from '../tree/scan.js'

/** What codes begin with; a literal in the code that begins so and is all capitals is one. */
const families =
  /'((?:CONFIG|INSTANCE|EXPR|TEMPLATE|ADAPTER|SETTINGS|LIST|PROTOCOL|ADDRESS|TLS|CLI|EVAL|ADMIN|REDIS|CACHE)(?:_[A-Z0-9]+)+)'/g

const inCode = new Map(
  scan(process.cwd(), ['src', 'adapters-sdk/src'].filter(existsSync))
    .filter(({ path }) => !path.startsWith('src/bench/'))
    .flatMap(({ path }) =>
      [...readFileSync(path, 'utf8').matchAll(families)].map(([, code = '']) => [code, path] as const),
    ),
)

const documented = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `([A-Z0-9_]+)` +\|/gm)].map(
  ([, code = '']) => code,
)

t.test('every code in the code is documented', async t => {
  t.ok(inCode.size > 80, 'there are codes')
  t.same(
    [...inCode].filter(([code]) => !documented.includes(code)).map(([code, path]) => `${code} in ${path}`),
    [],
  )
})

t.test('every documented code is in the code, and stands there once', async t => {
  t.same(
    documented.filter(code => !inCode.has(code)),
    [],
  )
  t.same(
    documented.filter((code, i) => documented.indexOf(code) !== i),
    [],
  )
})

t.test('the lists of codes that rooms export are documented', async t => {
  for (const code of [...adminCodes, ...cliCodes, ...configCodes]) t.ok(documented.includes(code), code)
})
