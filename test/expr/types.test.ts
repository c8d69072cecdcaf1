import t from 'tap'
import type { ValueType } from '../../src/mixer/attributes/index.js'
import { compile } from '../../src/mixer/expr/index.js'
import { codeOf, outcome, vocabulary } from './request.js'

t.test('messages begin as upstream does', async t => {
  const messages: readonly (readonly [string, string])[] = [
    ['q.x', 'EXPR_UNKNOWN_ATTRIBUTE: unknown attribute q.x'],
    ['nil', 'EXPR_UNKNOWN_ATTRIBUTE: unknown attribute nil'],
    ['q.s == null', 'EXPR_UNKNOWN_ATTRIBUTE: unknown attribute null'],
    ['startWith(q.s)', 'EXPR_UNKNOWN_FUNCTION: unknown function: startWith; did you mean "startsWith"?'],
    ['!q.b', 'EXPR_UNKNOWN_FUNCTION: unknown function: NOT'],
    ['-1', 'EXPR_UNKNOWN_FUNCTION: unknown function: SUB'],
    ['q.i - 1', 'EXPR_UNKNOWN_FUNCTION: unknown function: SUB'],
    ['q.i * 1', 'EXPR_UNKNOWN_FUNCTION: unknown function: MUL'],
    ['q.i / 1', 'EXPR_UNKNOWN_FUNCTION: unknown function: QUO'],
    ['q.i % 1', 'EXPR_UNKNOWN_FUNCTION: unknown function: REM'],
    ['q.i & 1', 'EXPR_UNKNOWN_FUNCTION: unknown function: AND'],
    ['q.i << 1', 'EXPR_UNKNOWN_FUNCTION: unknown function: '],
    ['+q.i', 'EXPR_ARITY: ADD($q.i) arity mismatch. Got 1 arg(s), expected 2 arg(s)'],
    ['q.s.match("a")', 'EXPR_CALL_FORM: invoking regular function on instance method: match'],
    ['startsWith(q.s, "a")', 'EXPR_CALL_FORM: invoking instance method without an instance: startsWith'],
    ['match(q.s)', 'EXPR_ARITY: match($q.s) arity mismatch. Got 1 arg(s), expected 2 arg(s)'],
    [
      'match(q.s, "a", "b")',
      'EXPR_ARITY: match($q.s, "a", "b") arity mismatch. Got 3 arg(s), expected 2 arg(s)',
    ],
    [
      'size(q.s, q.nothing)',
      'EXPR_ARITY: size($q.s, $q.nothing) arity mismatch. Got 2 arg(s), expected 1 arg(s)',
    ],
    ['emptyStringMap(1)', 'EXPR_ARITY: emptyStringMap(1) arity mismatch. Got 1 arg(s), expected 0 arg(s)'],
    ['OR(z.s)', 'EXPR_ARITY: OR($z.s) arity mismatch. Got 1 arg(s), expected 2 arg(s)'],
    ['q.s == 1', 'EXPR_TYPE: EQ($q.s, 1) arg 2 (1) typeError got INT64, expected STRING'],
    ['q.d > 1', 'EXPR_TYPE: GT($q.d, 1) arg 2 (1) typeError got INT64, expected DOUBLE'],
    ['q.s == "0"', 'EXPR_TYPE: EQ($q.s, "0") arg 2 ("0") typeError got DURATION, expected STRING'],
    ['q.m["5m"]', 'EXPR_TYPE: INDEX($q.m, "5m") arg 2 ("5m") typeError got DURATION, expected STRING'],
    ['q.s["k"]', 'EXPR_TYPE: INDEX($q.s, "k") arg 1 ($q.s) typeError got STRING, expected STRING_MAP'],
    ['q.i.startsWith("a")', 'EXPR_TYPE: $q.i:startsWith("a") target typeError got INT64, expected STRING'],
    ['q.b && q.i', 'EXPR_TYPE: LAND($q.b, $q.i) arg 2 ($q.i) typeError got INT64, expected BOOL'],
    ['q.i && q.b', 'EXPR_TYPE: LAND($q.i, $q.b) arg 1 ($q.i) typeError got INT64, expected BOOL'],
    [
      'q.b || q.b || q.s',
      'EXPR_TYPE: LOR(LOR($q.b, $q.b), $q.s) arg 2 ($q.s) typeError got STRING, expected BOOL',
    ],
    ['q.s | 1', 'EXPR_TYPE: OR($q.s, 1) arg 2 (1) typeError got INT64, expected STRING'],
    [
      'conditional(q.b, "a", 1)',
      'EXPR_TYPE: conditional($q.b, "a", 1) arg 3 (1) typeError got INT64, expected STRING',
    ],
    [
      'dnsName(q.s).startsWith("a")',
      'EXPR_TYPE: dnsName($q.s):startsWith("a") target typeError got DNS_NAME, expected STRING',
    ],
    [
      'q.dur == q.dur',
      'EXPR_NOT_IMPLEMENTED: internal compiler error -- equality for type not yet implemented: duration',
    ],
    [
      'q.b < q.b',
      'EXPR_NOT_IMPLEMENTED: internal compiler error -- less than for type not yet implemented: bool',
    ],
    [
      'q.ip >= q.ip',
      'EXPR_NOT_IMPLEMENTED: internal compiler error -- greater or equal for type not yet implemented: interface',
    ],
    [
      'q.t + q.t',
      'EXPR_NOT_IMPLEMENTED: internal compiler error -- Add for type not yet implemented: interface',
    ],
    ['089', "EXPR_SYNTAX: unable to parse expression '089': 1:2: "],
    ['q.s ==', "EXPR_SYNTAX: unable to parse expression 'q.s ==': 1:7: "],
    ['q.s[1:2]', 'EXPR_UNSUPPORTED: unexpected expression: '],
  ]
  for (const [text, message] of messages)
    t.equal(String(outcome(text)).slice(0, message.length), message, text)
})

t.test('an expression must have the type that its place needs', async t => {
  t.throws(() => compile('q.s', vocabulary, { expected: 'BOOL' }), {
    code: 'EXPR_RESULT_TYPE',
    message: "expression 'q.s' evaluated to type STRING, expected type BOOL",
  })
  t.equal(compile('q.b', vocabulary, { expected: 'BOOL' }).type, 'BOOL')
})

/** Which operations each type has: equality, order, sum. `|` and `conditional` take every type. */
const operations: Readonly<Record<ValueType, readonly [boolean, boolean, boolean]>> = {
  STRING: [true, true, true],
  INT64: [true, true, true],
  DOUBLE: [true, true, true],
  BOOL: [true, false, false],
  TIMESTAMP: [true, true, false],
  DURATION: [false, false, false],
  IP_ADDRESS: [true, false, false],
  DNS_NAME: [true, true, true],
  EMAIL_ADDRESS: [true, true, true],
  URI: [true, true, true],
  STRING_MAP: [false, false, false],
}

t.test('each type has the operators of the table and no others', async t => {
  const expected = (has: boolean): string => (has ? 'compiles' : 'EXPR_NOT_IMPLEMENTED')
  for (const name of vocabulary.names().filter(name => name.startsWith('q.'))) {
    const type = vocabulary.typeOf(name)
    if (type === undefined) throw new Error(`${name} is not declared`)
    const [equality, order, sum] = operations[type]
    const absent = name.replace('q.', 'z.')
    for (const operator of ['==', '!='])
      t.equal(codeOf(`${name} ${operator} ${absent}`), expected(equality), `${type} ${operator}`)
    for (const operator of ['<', '<=', '>', '>='])
      t.equal(codeOf(`${name} ${operator} ${absent}`), expected(order), `${type} ${operator}`)
    t.equal(codeOf(`${name} + ${absent}`), expected(sum), `${type} +`)
    t.equal(codeOf(`${absent} | ${name}`), 'compiles', `${type} |`)
    t.equal(codeOf(`conditional(q.b, ${absent}, ${name})`), 'compiles', `${type} conditional`)
    t.same(outcome(`${absent} | ${name}`), outcome(name), `${type} falls back`)
    t.same(outcome(`conditional(q.b, ${name}, ${absent})`), outcome(name), `${type} is chosen`)
    t.equal(compile(`${absent} | ${name}`, vocabulary).type, type)
  }
})
