import t from 'tap'
import { AttributeBag, type AttributeValue, Instant } from '../../src/mixer/attributes/index.js'
import { compile, EvalFailure } from '../../src/mixer/expr/index.js'
import { outcome, referenced, request, vocabulary } from './request.js'

function check(t: Tap, table: readonly (readonly [string, unknown])[]): void {
  for (const [text, value] of table) t.same(outcome(text), value, text)
}
type Tap = Pick<typeof t, 'same'>

t.test('absence is what the rules call absence, and nothing else', async t => {
  check(t, [
    ['z.s', "fails: lookup failed: 'z.s'"],
    ['z.s == "a"', "fails: lookup failed: 'z.s'"],
    ['"a" == z.s', "fails: lookup failed: 'z.s'"],
    ['q.m["k"]', 'v'],
    ['q.m["nokey"]', ''],
    ['q.m["nokey"] == ""', true],
    ['q.m["empty"] | "d"', ''],
    ['q.m["nokey"] | "d"', 'd'],
    ['z.m["k"]', "fails: lookup failed: 'z.m'"],
    ['z.m["k"] | "d"', 'd'],
    ['q.m[z.s]', "fails: lookup failed: 'z.s'"],
    ['q.m[z.s] | "d"', 'd'],
    ['q.m[q.s]', 'found'],
    ['q.m[q.m["nokey"]]', ''],
    ['q.m[q.m["nokey"]] | "d"', 'd'],
    ['q.m[z.s | "k"]', 'v'],
    ['z.m', "fails: lookup failed: 'z.m'"],
    ['z.s | "d"', 'd'],
    ['z.s | z.s | "d"', 'd'],
    ['z.s | q.s | "d"', 'user'],
    ['z.s | z.s', "fails: lookup failed: 'z.s'"],
    ['z.s | z.m["k"]', "fails: lookup failed: 'z.m'"],
    ['z.s | (z.s | z.s)', "fails: lookup failed: 'z.s'"],
    ['(z.s | z.s) | "d"', 'd'],
    ['z.s | (z.s | "d")', 'd'],
    ['ip(z.s) | ip("10.0.0.1")', "fails: lookup failed: 'z.s'"],
    ['conditional(q.b, z.s, "x") | "y"', "fails: lookup failed: 'z.s'"],
    ['conditional(q.b, "x", z.s) | "y"', 'x'],
    ['conditional(z.b, "x", "y")', "fails: lookup failed: 'z.b'"],
    ['conditionalString(q.b, "x", "y")', 'x'],
    ['conditionalString(q.b, "x", z.s)', "fails: lookup failed: 'z.s'"],
    ['size(z.s) | 3', "fails: lookup failed: 'z.s'"],
    ['(z.m | q.m)["k"]', 'v'],
    ['(z.m | q.m)["nokey"] | "d"', 'd'],
    ['(z.m | emptyStringMap())["k"]', ''],
    ['(z.m | emptyStringMap())["k"] | "d"', 'd'],
    ['conditional(q.b, q.m, z.m)["k"]', 'v'],
    ['conditional(q.b, z.m, q.m)["k"] | "d"', "fails: lookup failed: 'z.m'"],
    [
      'q.m[ip("1")] | "d"',
      'EXPR_TYPE: INDEX($q.m, ip("1")) arg 2 (ip("1")) typeError got IP_ADDRESS, expected STRING',
    ],
  ])
})

t.test('the left of a fallback is its value when it is no attribute or key', async t => {
  check(t, [
    ['(q.i == 42) | false', true],
    ['"p-" + q.s | "none"', 'p-user'],
    ['size(q.s) | 0', 4],
    ['(q.b && true) | false', true],
    ['("u" + "v") | "w"', 'uv'],
    ['"uv" == (("u" + "v") | "w")', true],
    ['"a" | "b"', 'a'],
  ])
})

t.test('logic stops at the operand that decides', async t => {
  check(t, [
    ['false && z.b', false],
    ['true || z.b', true],
    ['true && z.b', "fails: lookup failed: 'z.b'"],
    ['z.b && false', "fails: lookup failed: 'z.b'"],
    ['z.b || true', "fails: lookup failed: 'z.b'"],
    ['q.b && false && z.b', false],
    ['LAND(q.b, q.b, q.b)', true],
    ['LAND(q.b, q.b, false)', false],
    ['LOR(false, q.b)', true],
    ['EQ(q.s, "user")', true],
    ['NEQ(q.s, "user")', false],
    ['OR(z.s, "v")', 'v'],
    ['ADD(1, 2)', 3],
    ['INDEX(q.m, "k")', 'v'],
    ['LEQ(1, 1) == GEQ(1, 1) && LT(1, 2) && GT(2, 1)', true],
  ])
})

t.test('numbers', async t => {
  check(t, [
    ['9223372036854775807 + 1 < 0', true],
    ['9223372036854775807 + 1 == 9223372036854775807 + 1', true],
    ['9007199254740993 == 9007199254740992', false],
    ['9007199254740993 > 9007199254740992', true],
    ['9007199254740991 < 9007199254740993', true],
    ['9007199254740992 + 1 == 9007199254740993', true],
    ['q.i <= 42 && q.i >= 42', true],
    ['q.i != 42', false],
    ['0.1 + 0.2 == 0.3', false],
    ['1.5 == q.d', true],
    ['q.d < 2.0', true],
    ['q.d + 1e308 + 1e308 > 1.0', true],
  ])
})

t.test('DOUBLE equality is that of bits, its order is that of IEEE', async t => {
  const compare = (text: string, d: number, z: number): unknown =>
    compile(text, vocabulary).eval(request({ 'q.d': d, 'z.d': z }))
  t.equal(compare('q.d == z.d', 0, -0), false)
  t.equal(compare('q.d == z.d', Number.NaN, Number.NaN), true)
  t.equal(compare('q.d != z.d', Number.NaN, Number.NaN), false)
  t.equal(compare('q.d <= z.d', 0, -0), true)
  t.equal(compare('q.d <= z.d', Number.NaN, Number.NaN), false)
  t.equal(compare('q.d >= z.d', 1, Number.NaN), false)
})

t.test('strings are ordered by their UTF-8 bytes', async t => {
  check(t, [
    ['"a" < "b"', true],
    ['"a" < "aa"', true],
    ['"" < "a"', true],
    ['"\u{ffff}" < "\u{10000}"', true],
    ['"\ue000" < "\u{1f600}"', true],
    ['"\u{1f600}" > "\uff5e"', true],
    ['"\ud7ff" < "\ue000"', true],
    ['"a\u{1f600}" >= "a\u{1f600}"', true],
    ['size("\u00e9")', 2],
    ['size("\u{1f600}")', 4],
    ['size("\u20ac")', 3],
    ['size("\\xff\\xfe")', 2],
    ['size("")', 0],
    ['"\\xc3" + "\\xa9" == "\u00e9"', true],
    ['"\\xc3" == "\\xc3"', true],
    ['"\\xff" == "\ufffd"', false],
    ['"\\x80" < "\u00e9"', true],
    ['"\u00e9".startsWith("\\xc3")', true],
    ['match("\u00e9", "*\\xa9")', true],
    ['size(toLower("\\xffA"))', 4],
  ])
})

t.test('TIMESTAMP compares instants, whatever the zone they were written in', async t => {
  check(t, [
    ['q.t == timestamp("2020-01-01T02:00:00+02:00")', true],
    ['q.t <= timestamp("2020-01-01T02:00:00+02:00")', true],
    ['q.t >= timestamp("2020-01-01T00:00:00+00:00")', true],
    ['q.t < timestamp("2020-01-01T00:00:00.000000001Z")', true],
    ['q.t != timestamp("2020-01-01T00:00:00.000000001Z")', true],
    ['q.t > timestamp("1969-12-31T23:59:59.9Z")', true],
  ])
})

t.test('an attribute of another form than its type is absent', async t => {
  const forms: readonly AttributeValue[] = [
    'text',
    1,
    true,
    2n,
    new Instant(0, 0),
    new Uint8Array(3),
    new Map(),
  ]
  for (const name of vocabulary.names()) {
    for (const value of forms) {
      const bag = new AttributeBag(vocabulary)
      if (bag.setByName(name, value)) continue
      const result = compile(name, vocabulary).eval(bag)
      t.ok(result instanceof EvalFailure && result.kind === 'absent', name)
    }
  }
})

t.test('references are what was executed', async t => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['q.s == "a" && z.s == "b"', ['q.s']],
    ['q.s == "user" && z.s == "b"', ['-z.s', 'q.s']],
    ['q.b || z.b', ['q.b']],
    ['q.s | z.s', ['q.s']],
    ['z.s | q.s', ['-z.s', 'q.s']],
    ['q.m["k"]', ['q.m[k]']],
    ['q.m["nokey"]', ['-q.m[nokey]']],
    ['q.m["nokey"] | q.s', ['-q.m[nokey]', 'q.s']],
    ['z.m["k"] | "d"', ['-z.m']],
    ['z.m[q.s] | "d"', ['-z.m']],
    ['q.m[z.s] | "d"', ['-z.s']],
    ['q.m', []],
    ['z.m | q.m', ['-z.m']],
    ['(z.m | q.m)["k"]', ['-z.m', 'q.m[k]']],
    ['conditional(q.b, q.s, z.s)', ['q.b', 'q.s']],
    ['conditional(q.b, q.m, z.m)["k"]', ['q.b', 'q.m[k]']],
    ['false && q.b', []],
    ['true || q.b', []],
    ['"a" == "b"', []],
    ['q.ip == ip("10.0.0.1")', ['q.ip']],
    ['(q.m["k"] | "d") == "v"', ['q.m[k]']],
    ['(z.s | "d") == "d"', ['-z.s']],
  ]
  for (const [text, expected] of table) t.same(referenced(text), expected, text)
})
