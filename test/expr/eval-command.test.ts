import { PassThrough, Readable, Writable } from 'node:stream'
import t from 'tap'
import { type EvalOptions, runEval } from '../../src/cli/eval.js'

async function run(options: EvalOptions, input: Iterable<string | Buffer> = []) {
  const written = { stdout: '', stderr: '' }
  const into = (name: keyof typeof written): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        written[name] += String(chunk)
        done()
      },
    })
  const code = await runEval(options, {
    stdin: Readable.from(input),
    stdout: into('stdout'),
    stderr: into('stderr'),
  })
  const answers: unknown[] = written.stdout
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
  return { code, answers, stderr: written.stderr }
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`

t.test('outboard eval prints a value of every type, and what was looked at', async t => {
  const cases: readonly (readonly [type: string, given: unknown, printed: unknown])[] = [
    ['STRING', 'a\u{1f600}', 'a\u{1f600}'],
    ['EMAIL_ADDRESS', 'a@b', 'a@b'],
    ['URI', 'http://a', 'http://a'],
    ['DNS_NAME', 'a.b', 'a.b'],
    ['INT64', 5, 5],
    ['INT64', '5', 5],
    ['INT64', '-0', 0],
    ['INT64', '9223372036854775807', '9223372036854775807'],
    ['INT64', '-9223372036854775808', '-9223372036854775808'],
    ['INT64', '9007199254740991', 9007199254740991],
    ['INT64', 2 ** 53, 2 ** 53],
    ['INT64', -(2 ** 53), -(2 ** 53)],
    ['INT64', '-9007199254740993', '-9007199254740993'],
    ['DOUBLE', 1.5, 1.5],
    ['DOUBLE', 2, 2],
    ['DOUBLE', 'NaN', 'NaN'],
    ['DOUBLE', '-Infinity', '-Infinity'],
    ['BOOL', false, false],
    ['TIMESTAMP', '2020-01-01T02:00:00.120+02:00', '2020-01-01T00:00:00.12Z'],
    ['TIMESTAMP', '2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z'],
    ['TIMESTAMP', '0001-01-01T00:00:00.000000001Z', '0001-01-01T00:00:00.000000001Z'],
    ['DURATION', '90s', '1m30s'],
    ['DURATION', '-1500ms', '-1.5s'],
    ['DURATION', '0', '0s'],
    ['DURATION', '1.5us', '1.5\u00b5s'],
    ['DURATION', '100h', '100h0m0s'],
    ['IP_ADDRESS', '10.0.0.1', '10.0.0.1'],
    ['IP_ADDRESS', '::ffff:10.0.0.1', '10.0.0.1'],
    ['IP_ADDRESS', '2001:DB8:0:0:1:0:0:0', '2001:db8:0:0:1::'],
    ['STRING_MAP', { b: '1', a: '' }, { b: '1', a: '' }],
    ['STRING_MAP', {}, {}],
  ]
  const input = cases.map(([type, given]) =>
    line({ expr: 'x.y', manifest: { 'x.y': type }, attributes: { 'x.y': given } }),
  )
  const { code, answers } = await run({ batch: true }, input)
  t.equal(code, 0)
  t.same(
    answers,
    cases.map(([type, , value]) => ({ type, value, referenced: type === 'STRING_MAP' ? [] : ['x.y'] })),
  )
})

t.test('outboard eval takes a value of the wrong form for absent', async t => {
  const wrong: readonly (readonly [string, unknown])[] = [
    ['STRING', 1],
    ['INT64', 1.5],
    ['INT64', 2 ** 60],
    ['INT64', '1.5'],
    ['INT64', '9223372036854775808'],
    ['INT64', true],
    ['DOUBLE', '1.5'],
    ['BOOL', 'true'],
    ['TIMESTAMP', '2020-01-01'],
    ['TIMESTAMP', 0],
    ['DURATION', 5],
    ['DURATION', '5'],
    ['IP_ADDRESS', '10.0.0'],
    ['STRING_MAP', { a: 1 }],
    ['STRING_MAP', ['a']],
    ['STRING_MAP', null],
  ]
  const input = wrong.map(([type, given]) =>
    line({ expr: 'x', manifest: { x: type }, attributes: { x: given } }),
  )
  const { answers } = await run({ batch: true }, input)
  for (const answer of answers) t.same(answer, { error: { stage: 'eval', message: "lookup failed: 'x'" } })
})

t.test('outboard eval --batch answers every line, in order, whatever it holds', async t => {
  const input = [
    line({ expr: 'a == "x"', manifest: { a: 'STRING' }, attributes: { a: 'x', undeclared: 1 } }),
    'no json\n',
    '[]\n',
    '"text"\n',
    '{}\n',
    line({ expr: 5 }),
    line({ expr: 'a', manifest: [] }),
    line({ expr: 'a', attributes: 'x' }),
    `{"expr":"1","manifest":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}\n`,
    line({ expr: 'a', manifest: { a: 'TEXT' } }),
    line({ expr: 'a', manifest: { a: 'VALUE_TYPE_UNSPECIFIED' } }),
    line({
      expr: 'm["k"] | m["\u00e9"] | z["k"] | "d"',
      manifest: { m: 'STRING_MAP', z: 'STRING_MAP' },
      attributes: { m: {} },
    }),
    line({ expr: '' }),
    line({ expr: 'z', manifest: { z: 'STRING' } }),
    line({ expr: 'z', manifest: { z: 'STRING' }, language: 'CEL' }),
    line({ expr: 'z', language: 'Lisp' }),
    Buffer.from([0x22, 0xff, 0x22, 0x0a]),
    '\n',
    JSON.stringify({ expr: '"last, without a newline"' }),
  ]
  const { code, answers } = await run({ batch: true }, input)
  t.equal(code, 0)
  const compile = (message: RegExp) => ({ error: { stage: 'compile', message } })
  t.equal(answers.length, input.length - 1)
  t.match(answers, [
    { type: 'BOOL', value: true, referenced: ['a'] },
    compile(/no JSON/),
    compile(/object/),
    compile(/object/),
    compile(/"expr"/),
    compile(/"expr"/),
    compile(/"manifest"/),
    compile(/"attributes"/),
    compile(/"a" a type that is no text/),
    compile(/"TEXT"/),
    compile(/unknown attribute a/),
    { type: 'STRING', value: 'd', referenced: ['-m[k]', '-m[\u00e9]', '-z'] },
    compile(/unable to parse expression ''/),
    { error: { stage: 'eval', message: "lookup failed: 'z'" } },
    { type: 'STRING', value: '', referenced: ['-z'] },
    compile(/"language"/),
    compile(/object/),
    { type: 'STRING', value: 'last, without a newline', referenced: [] },
  ])
})

t.test('outboard eval --batch joins lines from chunks of any size', async t => {
  const text = [...Array(20).keys()].map(i => line({ expr: `"caf\u00e9 ${i}"` })).join('')
  const bytes = Buffer.from(text)
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 7) chunks.push(bytes.subarray(at, at + 7))
  const { answers } = await run({ batch: true }, chunks)
  t.same(
    answers,
    [...Array(20).keys()].map(i => ({ type: 'STRING', value: `caf\u00e9 ${i}`, referenced: [] })),
  )
})

t.test('outboard eval --batch refuses a line that is too long and goes on', async t => {
  const { answers } = await run({ batch: true }, [
    ...Array.from({ length: 6 }, () => 'x'.repeat(1024 * 1024)),
    '\n',
    line({ expr: '1' }),
  ])
  t.match(answers, [{ error: { stage: 'compile', message: /6291456 bytes/ } }, { value: 1 }])
})

t.test('outboard eval --batch answers a line before the next one comes', async t => {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const done = runEval({ batch: true }, { stdin, stdout, stderr: new PassThrough() })
  const answers = stdout[Symbol.asyncIterator]()
  for (const expr of ['1', '2', '3']) {
    stdin.write(line({ expr }))
    t.match(JSON.parse(String((await answers.next()).value)), { value: Number(expr) })
  }
  stdin.end()
  t.equal(await done, 0)
})

t.test('outboard eval reads names, types and values from files', async t => {
  const files = t.testdir({
    'types.json': JSON.stringify({ 'a.b': 'STRING' }),
    'types.yaml':
      'kind: attributemanifest\nspec:\n  attributes:\n    a.b:\n      valueType: STRING\n    c:\n      valueType: INT64\n',
    'values.json': JSON.stringify({ 'a.b': 'x' }),
    'bad.json': '{"a": ',
    'list.json': '[1]',
    'alias.yaml': 'a: *nowhere\n',
  })
  const expression = 'a.b == "x"'
  const value = { type: 'BOOL', value: true, referenced: ['a.b'] }
  for (const manifest of ['types.json', 'types.yaml']) {
    const result = await run({
      expression,
      manifest: `${files}/${manifest}`,
      attributes: `${files}/values.json`,
    })
    t.same(result, { code: 0, answers: [value], stderr: '' }, manifest)
  }
  for (const manifest of ['missing.json', 'bad.json', 'list.json', 'alias.yaml'])
    t.match(await run({ expression, manifest: `${files}/${manifest}` }), {
      code: 2,
      answers: [],
      stderr: /cannot read/,
    })
  t.match(await run({}), { code: 2, stderr: /an expression is needed/ })
})

t.test('outboard eval points at what is wrong, and its exit code says that there is no value', async t => {
  const result = await run({ expression: '1 ==' })
  t.match(result, {
    code: 1,
    answers: [{ error: { stage: 'compile' } }],
    stderr: /line 1, column 5\n {4}1 ==\n {8}\^/,
  })
})
