import { readFileSync } from 'node:fs'
import t from 'tap'
import { Vocabulary } from '../../src/mixer/attributes/index.js'
import { signatures } from '../../src/mixer/expr/check/signatures.js'
import { compile, ExprError, exprErrorCodes } from '../../src/mixer/expr/index.js'

const page = readFileSync('docs/expressions.md', 'utf8')

t.test('docs/expressions.md lists every error code, and no other', async t => {
  const listed = [...page.matchAll(/^\| `(EXPR_[A-Z_]+)` \|/gm)].map(([, code]) => code)
  t.same(listed, exprErrorCodes)
})

t.test('docs/expressions.md names every function that an author can write', async t => {
  for (const name of signatures.keys()) {
    if (name !== name.toUpperCase()) t.match(page, new RegExp(`[\`.]${name}\\(`), name)
  }
})

t.test('docs/expressions.md shows an error as it is printed', async t => {
  const vocabulary = new Vocabulary([{ name: 'request.path', type: 'STRING' }])
  try {
    compile('request.pth == "/"', vocabulary)
    t.fail('the example compiles')
  } catch (error) {
    t.ok(error instanceof ExprError && page.includes(`\`\`\`\n${error.detail()}\n\`\`\`\n`))
  }
})

t.test('docs/expressions.md opens with an expression that compiles', async t => {
  const example = /```\n(request\.method[^\n]*)\n```/.exec(page)?.[1] ?? ''
  const vocabulary = new Vocabulary([
    { name: 'request.method', type: 'STRING' },
    { name: 'request.headers', type: 'STRING_MAP' },
  ])
  t.equal(compile(example, vocabulary, { expected: 'BOOL' }).type, 'BOOL')
})
