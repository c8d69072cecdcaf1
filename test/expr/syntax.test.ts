import t from 'tap'
import { compile } from '../../src/mixer/expr/index.js'
import { codeOf, errorOf, outcome, vocabulary } from './request.js'

t.test('the scanner follows Go in what it accepts', async t => {
  const accepted: readonly (readonly [string, unknown])[] = [
    ['q.s=="user"', true],
    ['q . s == "user"', true],
    ['q.s ==\n  "user"', true],
    ['q.\ns', 'user'],
    ['q.s\n', 'user'],
    ['\n\n q.s \n\n', 'user'],
    ['q.s // the user', 'user'],
    ['q.s /* the user */ == /* a */ "user"', true],
    ['/* a\n b */ q.s', 'user'],
    ['q.s /* over\nlines */', 'user'],
    ['match(\nq.s,\n"us*",\n)', true],
    ['match(q.s, "us*",)', true],
    ['(\nq.s)', 'user'],
    ['\ufeffq.s', 'user'],
    ['q.s\r\n', 'user'],
    ['tRuE', true],
    ['FALSE || True', true],
  ]
  for (const [text, value] of accepted) t.same(outcome(text), value, JSON.stringify(text))
})

t.test('the scanner and the parser refuse what Go refuses', async t => {
  const refused = [
    '',
    '  ',
    '\n',
    '// only a comment',
    'q.s;',
    'q.s ;\n',
    'q.s\n== "user"',
    'q.s /* over\nlines */ == "user"',
    'q.s\n.t',
    'match(q.s, "a"\n)',
    'q.m["k"\n]',
    '(q.s\n)',
    'q.s == ',
    'q.s "a"',
    'q.s q.s',
    '(q.s',
    'q.s)',
    'q.m[]',
    'q.m["k"',
    'match(,)',
    'match(q.s,,"a")',
    'match(q.s "a")',
    'q..s',
    '.q',
    'q.',
    'q.type == "a"',
    'range',
    'default.x',
    'q.1a',
    'q-x-y.',
    'a-',
    '"abc',
    '"a\nb"',
    '`abc',
    "'ab'",
    "''",
    "'a",
    '"\\q"',
    '"\\x4"',
    '"\\400"',
    '"\\ud800"',
    '"\\U00110000"',
    '"\\\'"',
    "'\\\"'",
    '/* open',
    'q.s = "a"',
    'q.s := 1',
    'q.i++',
    'a ? b : c',
    '#',
    '@',
    '$q.s',
    '\\',
    'q.s\u00a0== "a"',
    'q.s\f',
    '\0',
    'q.s == "\0"',
    'q.s == "\ufeff"',
    '"\ud800"',
    '089',
    '09',
    '0b12',
    '0o8',
    '0x',
    '0b',
    '1e',
    '1e+',
    '1__0.0',
    '1_.0',
    '0x1.8',
    '0b1.0',
    '1p3',
    '1abc',
    'match(q.s...)',
  ]
  for (const text of refused) t.equal(codeOf(text), 'EXPR_SYNTAX', JSON.stringify(text))
})

t.test('literals have the types and values of the rules', async t => {
  const literals: readonly (readonly [string, string, unknown])[] = [
    ['12', 'INT64', 12],
    ['010', 'INT64', 10],
    ['000', 'INT64', 0],
    ['9007199254740993', 'INT64', 9007199254740993n],
    ['9223372036854775807', 'INT64', 9223372036854775807n],
    ['1.5', 'DOUBLE', 1.5],
    ['.5', 'DOUBLE', 0.5],
    ['1.', 'DOUBLE', 1],
    ['1e3', 'DOUBLE', 1000],
    ['1E-3', 'DOUBLE', 0.001],
    ['089.5', 'DOUBLE', 89.5],
    ['09e1', 'DOUBLE', 90],
    ['1_000.5', 'DOUBLE', 1000.5],
    ['1e-400', 'DOUBLE', 0],
    ['0x1p-2', 'DOUBLE', 0.25],
    ['0x1.8p1', 'DOUBLE', 3],
    ['0X.8P1', 'DOUBLE', 1],
    ['0x1p-1074', 'DOUBLE', 5e-324],
    ['0x1p-1075', 'DOUBLE', 0],
    ['0x1.8p-1074', 'DOUBLE', 1e-323],
    ['0x1.fffffffffffffp1023', 'DOUBLE', Number.MAX_VALUE],
    ['0x1.00000000000008p0', 'DOUBLE', 1],
    ['0x1.000000000000080000000000000001p0', 'DOUBLE', 1.0000000000000002],
    ['"a\\n\\x41\\u00e9\\"\\101\\a"', 'STRING', 'a\nA\u00e9"A\u0007'],
    ['"\\U0001F600"', 'STRING', '\u{1f600}'],
    ['"\\xc3\\xa9"', 'STRING', '\u00e9'],
    ['`a\\n"\n`', 'STRING', 'a\\n"\n'],
    ['`a\r\nb`', 'STRING', 'a\nb'],
    ["'c'", 'STRING', 'c'],
    ["'\\''", 'STRING', "'"],
    ["'\u{1f600}'", 'STRING', '\u{1f600}'],
    ['"1"', 'STRING', '1'],
    ['"1d"', 'STRING', '1d'],
    ['"1 s"', 'STRING', '1 s'],
    ['"s"', 'STRING', 's'],
    ['""', 'STRING', ''],
    ['"+"', 'STRING', '+'],
    ['"00"', 'STRING', '00'],
    ['"."', 'STRING', '.'],
    ['".s"', 'STRING', '.s'],
    ['"-"', 'STRING', '-'],
    ['"1h30"', 'STRING', '1h30'],
    ['"2562048h"', 'STRING', '2562048h'],
    ['"90m"', 'DURATION', 5_400_000_000_000],
    ['"-2h45m"', 'DURATION', -9_900_000_000_000],
    ['`3ms`', 'DURATION', 3_000_000],
    ['"0"', 'DURATION', 0],
    ['"-0"', 'DURATION', 0],
    ['"+0"', 'DURATION', 0],
    ["'0'", 'DURATION', 0],
    ['"1.5s"', 'DURATION', 1_500_000_000],
    ['".5s"', 'DURATION', 500_000_000],
    ['"1.s"', 'DURATION', 1_000_000_000],
    ['"1\u00b5s"', 'DURATION', 1_000],
    ['"1\u03bcs2ns"', 'DURATION', 1_002],
    ['"\\u0031s"', 'DURATION', 1_000_000_000],
  ]
  for (const [text, type, value] of literals) {
    const compiled = compile(text, vocabulary)
    t.equal(compiled.type, type, text)
    t.same(outcome(text), value, text)
  }
})

t.test('numbers that do not fit are literals in error', async t => {
  for (const text of [
    '0x10',
    '0b1',
    '0o7',
    '1_000',
    '9223372036854775808',
    '1e400',
    '0x1p1024',
    '1i',
    '1.5i',
    '08i',
  ])
    t.equal(codeOf(text), 'EXPR_LITERAL', text)
})

t.test('some expressions of Go are not of this language', async t => {
  const unsupported = [
    'q.m["k"].startsWith("v")',
    'q.m["k"].x',
    'match(q.s, "a").x',
    '(q.s).x',
    '"a".x',
    '(q.s).x.startsWith("a")',
    'q.s[1:2]',
    'q.s[:2]',
    'q.s.(string)',
    'func() {}',
    'map[string]int',
    '[]int{}',
    'q.s{}',
    '*q.s',
    '(match)(q.s, "a")',
    'match(q.s, "a")(q.s)',
    '"a"("b")',
  ]
  for (const text of unsupported) t.equal(codeOf(text), 'EXPR_UNSUPPORTED', text)
})

t.test('operators bind as in Go', async t => {
  const table: readonly (readonly [string, unknown])[] = [
    ['z.s | "x" == "x"', true],
    ['q.i < 3 == false', true],
    ['1 + 2 == 3 && 2 < 3 || false', true],
    ['true || false && false', true],
    ['"a" + z.s | "b"', "fails: lookup failed: 'z.s'"],
    ['1 + 2 + 3 == 6', true],
    ['("a" + "b") | "c"', 'ab'],
  ]
  for (const [text, value] of table) t.same(outcome(text), value, text)
})

t.test('a text or a nesting beyond the limits is refused, a long chain is not', async t => {
  t.equal(codeOf(`"${'a'.repeat(70_000)}"`), 'EXPR_LIMIT')
  t.equal(codeOf(`${'('.repeat(300)}q.s${')'.repeat(300)}`), 'EXPR_LIMIT')
  t.equal(codeOf(`${'toLower('.repeat(300)}q.s${')'.repeat(300)}`), 'EXPR_LIMIT')
  t.equal(codeOf('!'.repeat(60_000)), 'EXPR_LIMIT')
  t.equal(codeOf('['.repeat(60_000)), 'EXPR_UNSUPPORTED')
  t.equal(codeOf('q.m['.repeat(10_000)), 'EXPR_LIMIT')
  t.equal(codeOf('('.repeat(60_000)), 'EXPR_LIMIT')
  t.equal(codeOf('true == '.repeat(5_000)), 'EXPR_LIMIT')
  t.equal(codeOf('a.'.repeat(30_000)), 'EXPR_LIMIT')
  t.same(outcome(`${'('.repeat(150)}q.s${')'.repeat(150)}`), 'user')
  t.same(outcome(`${'q.s == "no" || '.repeat(3_000)}true`), true)
  t.same(outcome(`${'q.i == 42 && '.repeat(3_000)}false`), false)
  t.same(outcome(`${'z.s | '.repeat(8_000)}q.s`), 'user')
  t.equal(String(outcome(`${'q.s + '.repeat(8_000)}""`)).length, 32_000)
})

t.test('ExprError points at the place', async t => {
  const error = errorOf('q.s ==\n  "caf\u00e9" || q.sx == "a"')
  t.equal(error.code, 'EXPR_UNKNOWN_ATTRIBUTE')
  t.match(error, { line: 2, column: 13, nearest: 'q.s', found: 'q.sx' })
  t.match(error.detail(), /line 2, column 13\n {4} {2}"café" \|\| q\.sx == "a"\n {16}\^{4}\n/)
})

t.test('ExprError counts columns in characters, not in units', async t => {
  t.equal(errorOf('"\u{1f600}" + 1').column, 7)
})

t.test('ExprError shows a part of a long line, and where the expression comes from', async t => {
  const text = `${'true && '.repeat(100)}q.nothing${' && true'.repeat(100)}`
  const location = { file: 'rules.yaml', line: 7, path: 'spec.match' }
  t.throws(() => compile(text, vocabulary, { location }), { code: 'EXPR_UNKNOWN_ATTRIBUTE' })
  const detail = errorOf(text, { location }).detail()
  t.match(detail, 'rules.yaml:7, spec.match, line 1, column 801')
  t.ok(detail.split('\n').every(line => line.length < 250))
  const [, , shown = '', caret = ''] = detail.split('\n')
  t.ok(shown.slice(caret.indexOf('^')).startsWith('q.nothing'))
})
