import t from 'tap'
import { Instant } from '../../src/mixer/attributes/index.js'
import { compile, languageOf } from '../../src/mixer/expr/index.js'
import { codeOf, errorOf, outcome, referenced, request, vocabulary } from './request.js'

t.test('an attribute that is absent is the zero of its type in CEL', async t => {
  const zeros: readonly (readonly [string, unknown])[] = [
    ['z.s', ''],
    ['z.i', 0],
    ['z.d', 0],
    ['z.b', false],
    ['z.t', new Instant(0, 0)],
    ['z.dur', 0],
    ['z.ip', new Uint8Array()],
    ['z.m', new Map()],
    ['z.dns', ''],
    ['z.email', ''],
    ['z.uri', ''],
  ]
  for (const [text, value] of zeros) {
    t.same(outcome(text, 'CEL'), value, text)
    t.equal(compile(text, vocabulary, { language: 'CEL' }).type, vocabulary.typeOf(text))
    t.same(
      outcome(text.replace('z.', 'q.'), 'CEL'),
      request().peek(vocabulary.slot(text.replace('z.', 'q.')) ?? -1),
    )
  }
})

t.test('CEL has its operators, functions and macros', async t => {
  const table: readonly (readonly [string, unknown])[] = [
    ['q.s == "user" && !z.b', true],
    ['q.i - 2 * 1', 40],
    ['q.i % 5', 2],
    ['-q.i', -42],
    ['q.b ? "yes" : "no"', 'yes'],
    ['has(q.s)', true],
    ['has(z.s)', false],
    ['has(q.m.k)', true],
    ['has(q.m.none)', false],
    ['has(z.m)', false],
    ['"k" in q.m', true],
    ['"none" in q.m', false],
    ['"k" in z.m', false],
    ['q.m["k"]', 'v'],
    ['q.m.k', 'v'],
    ['q.m["none"]', 'fails: no such key: none'],
    ['z.m["k"]', 'fails: no such key: k'],
    ['pick(z.s, q.s, "d")', 'user'],
    ['pick(q.m["none"], z.m["k"], "d")', 'd'],
    ['pick(z.m, q.m)["k"]', 'v'],
    ['pick("a", "b")', 'a'],
    ['conditional(q.b, "a", "b")', 'a'],
    ['size("\u{1f600}")', 1],
    ['q.s.matches("^us")', true],
    ['matches(q.s, "^se")', false],
    ['match(q.s, "us*")', true],
    ['reverse("abc") + "abc".reverse()', 'cbacba'],
    ['toLower("ABC")', 'abc'],
    ['q.s.startsWith("us") && q.s.endsWith("er")', true],
    ['q.ip == ip("10.0.0.1")', true],
    ['q.dns == dnsName("BILLING.example.com")', true],
    ['q.email == email("Ann@EXAMPLE.com")', true],
    ['q.uri == uri("HTTP://example.com/a?b#c")', true],
    ['q.t == timestamp("2020-01-01T00:00:00Z")', true],
    ['q.dur > duration("1m") && q.dur + duration("1s") < duration("1h")', true],
    ['q.t + duration("1h") > q.t', true],
    ['emptyStringMap()', new Map()],
    ['[1, 2, 42].exists(x, x == q.i)', true],
    ['[q.s].all(x, x == q.s)', true],
    ['[q.s].map(q, q + "!").exists(q, q == "user!")', true],
    [`${'q.s == "x" || '.repeat(600)}true`, true],
    ['pick(q.m[pick(q.m["none"], "k")], "d")', 'v'],
    ['1 / 0', 'fails: division by zero'],
    ['true || z.m["k"] == ""', true],
  ]
  for (const [text, value] of table) t.same(outcome(text, 'CEL'), value, text.slice(0, 60))
})

t.test('a TIMESTAMP keeps its nanoseconds through CEL when it is only passed on', async t => {
  const exact = new Instant(5, 123_456_789)
  const compiled = compile('q.b ? q.t : z.t', vocabulary, { language: 'CEL' })
  t.same(compiled.eval(request({ 'q.t': exact })), exact)
})

t.test('CEL refuses what does not fit, when it is compiled', async t => {
  const table: readonly (readonly [string, string])[] = [
    ['q.s ==', 'EXPR_SYNTAX'],
    ['q.s | "a"', 'EXPR_SYNTAX'],
    ['q.s == 1', 'EXPR_TYPE'],
    ['q.i + q.d', 'EXPR_TYPE'],
    ['q.x', 'EXPR_UNKNOWN_ATTRIBUTE'],
    ['q', 'EXPR_UNKNOWN_ATTRIBUTE'],
    ['a0', 'EXPR_UNKNOWN_ATTRIBUTE'],
    ['m_key(q.m, "k")', 'EXPR_UNKNOWN_FUNCTION'],
    ['size(q.m)', 'EXPR_TYPE'],
    ['q.m == q.m', 'EXPR_TYPE'],
    ['q.ip < q.ip', 'EXPR_TYPE'],
    ['q.dns == "a"', 'EXPR_TYPE'],
    ['conditionalString(q.b, "a", "b")', 'EXPR_TYPE'],
    ['pick(has(q.s), q.b)', 'EXPR_UNSUPPORTED'],
    ['pick(q.s)', 'EXPR_ARITY'],
    ['conditional(q.b, 1)', 'EXPR_ARITY'],
    ['cel.bind(x, 1, x)', 'EXPR_UNSUPPORTED'],
    ['[1, 2]', 'EXPR_RESULT_TYPE'],
    ['null', 'EXPR_RESULT_TYPE'],
    [`${'[1].map(x, x)'}${'.map(x, x)'.repeat(5)} == [1]`, 'EXPR_LIMIT'],
    [`${'('.repeat(5_000)}1${')'.repeat(5_000)}`, 'EXPR_LIMIT'],
    ['[1].map(x, [2].map(y, [3].map(z, z)))', 'EXPR_LIMIT'],
    [`${'pick(q.m['.repeat(30)}"k"${'], "d")'.repeat(30)}`, 'EXPR_LIMIT'],
    [`${'q.b && '.repeat(5_000)}true`, 'EXPR_LIMIT'],
    [`[${'1,'.repeat(200)}1] == [1]`, 'EXPR_LIMIT'],
    [`"${'a'.repeat(70_000)}"`, 'EXPR_LIMIT'],
  ]
  for (const [text, code] of table) t.equal(codeOf(text, 'CEL'), code, text.slice(0, 60))
  t.throws(() => compile('q.s', vocabulary, { language: 'CEL', expected: 'BOOL' }), {
    code: 'EXPR_RESULT_TYPE',
  })
  t.match(errorOf('true &&\n q.s == 1', { language: 'CEL' }), { line: 2, column: 2 })
})

t.test('CEL records what it reads', async t => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['q.s == "a" && z.s == ""', ['q.s']],
    ['has(z.s) ? z.s : q.s', ['-z.s', 'q.s']],
    ['q.m["k"]', ['q.m[k]']],
    ['"none" in q.m', ['-q.m[none]']],
    ['"k" in z.m', ['-z.m']],
    ['pick(z.s, q.s, z.uri == z.uri ? "" : "a")', ['-z.s', 'q.s']],
    ['q.b || z.b', ['q.b']],
  ]
  for (const [text, expected] of table) t.same(referenced(text, 'CEL'), expected, text)
})

t.test('COMPAT is the classic syntax with the meaning of CEL', async t => {
  const table: readonly (readonly [string, unknown])[] = [
    ['z.s | q.s | "d"', 'user'],
    ['z.s | (z.s | "d")', 'd'],
    ['z.s', ''],
    ['z.s | "x" == "x"', true],
    ['q.m["none"] | "d"', 'd'],
    ['q.m["none"]', 'fails: no such key: none'],
    ['(z.m | q.m)["k"]', 'v'],
    ['q.dur > "1m"', true],
    ['q.dur == "90s"', true],
    ['"-90s"', -90_000_000_000],
    ['q.s.matches("^us")', true],
    ['q.s.startsWith("us") && match(q.s, "*er")', true],
    ['conditional(q.b, "a", "b")', 'a'],
    ['q.i + 010 == 52', true],
    ['q.d + 1e3 + .5', 1002],
    ['!q.b', false],
    ['"\u00e9\\u0001\\\\" == "\\u00e9\\x01\\\\"', true],
    ['q.s ? 1 : 2', 'EXPR_SYNTAX'],
    ['q.s == "0"', 'EXPR_TYPE'],
    ['q.x', 'EXPR_UNKNOWN_ATTRIBUTE'],
    ['conditionalString(q.b, "a", "b")', 'EXPR_TYPE'],
  ]
  for (const [text, value] of table) {
    const found = outcome(text, 'COMPAT')
    const code = /^EXPR_[A-Z_]+/.exec(String(found))?.[0]
    t.same(code ?? found, value, text)
  }
})

t.test('languageOf lets the environment win, even when it is empty', async t => {
  t.equal(languageOf(undefined, {}), 'CEXL')
  t.equal(languageOf('CEL', {}), 'CEL')
  t.equal(languageOf('COMPAT', {}), 'COMPAT')
  t.equal(languageOf('cel', {}), 'CEXL')
  t.equal(languageOf('CEL', { ISTIO_LANG: '' }), 'CEXL')
  t.equal(languageOf(undefined, { ISTIO_LANG: 'CEL' }), 'CEL')
})
