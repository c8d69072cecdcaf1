import fc from 'fast-check'
import { AttributeBag, type AttributeValue, Instant } from '../../src/mixer/attributes/index.js'
import { EvalFailure } from '../../src/mixer/expr/index.js'
import { vocabulary } from './request.js'

const words = [
  'a',
  'b',
  'user',
  '',
  'k',
  '1.2.3.4',
  'x.y',
  'a@b.c',
  'http://a.b/',
  '2020-01-01T00:00:00Z',
  '\u00e9',
  '*',
  '(',
]

/** Literals, names and pieces of syntax: text made of them gets past the scanner often. */
const pieces = [
  ...vocabulary.names(),
  ...words.map(word => JSON.stringify(word)),
  ...[
    'q',
    'z',
    'true',
    'FALSE',
    '1',
    '0',
    '42',
    '1.5',
    '010',
    '"0"',
    '"5m"',
    "'c'",
    '`raw`',
    '"\\xff"',
    '0x1p3',
  ],
  ...[
    '==',
    '!=',
    '<',
    '<=',
    '>',
    '>=',
    '+',
    '|',
    '&&',
    '||',
    '!',
    '-',
    '*',
    '/',
    '%',
    '&',
    '<<',
    '.',
    ',',
    ';',
  ],
  ...['(', ')', '[', ']', '{', '}', '["k"]', '\n', ' ', '/*', '*/', '//', '"', "'", '`', '\\'],
  ...['match(', 'size(', 'ip(', 'timestamp(', 'dnsName(', 'email(', 'uri(', 'toLower(', 'conditional('],
  ...[
    'conditionalString(',
    'emptyStringMap()',
    '.matches(',
    '.startsWith(',
    '.endsWith(',
    'OR(',
    'EQ(',
    'LAND(',
  ],
  ...['func', 'range', '\u{1f600}', '\ufeff', '\0', '\ud800'],
]

/** Any text at all, and text that is nearly an expression. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes).toString('latin1')),
  },
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map(parts => parts.join('')),
  },
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map(parts => parts.join(' ')),
  },
)

const stringOperand = fc.letrec<{ string: string; bool: string; leaf: string; map: string }>(tie => ({
  leaf: fc.oneof(
    fc.constantFrom('q.s', 'z.s', 'q.m["k"]', 'q.m["none"]', 'z.m["k"]', 'q.m[q.s]', 'q.m[z.s]'),
    fc.constantFrom(...words).map(word => JSON.stringify(word)),
  ),
  map: fc.constantFrom('q.m', 'z.m', '(z.m | q.m)', 'emptyStringMap()', 'conditional(q.b, q.m, z.m)'),
  string: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie('leaf'),
    fc.tuple(tie('string'), tie('string')).map(([a, b]) => `(${a} | ${b})`),
    fc.tuple(tie('string'), tie('string')).map(([a, b]) => `(${a} + ${b})`),
    fc.tuple(tie('bool'), tie('string'), tie('string')).map(([c, a, b]) => `conditional(${c}, ${a}, ${b})`),
    fc.tuple(tie('map'), tie('string')).map(([m, k]) => `(${m}[${k}])`),
    tie('string').map(a => `toLower(${a})`),
  ),
  bool: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      'q.b',
      'z.b',
      'true',
      'false',
      'q.i == 42',
      '(z.i | 1) == 1',
      '(q.b | false) == true',
      'q.b == true',
    ),
    fc
      .tuple(tie('leaf'), fc.constantFrom('==', '!='), fc.constantFrom(...words))
      .map(([a, operator, word]) => {
        return `${a} ${operator} ${JSON.stringify(word)}`
      }),
    fc.tuple(tie('leaf'), fc.constantFrom(...words), fc.constantFrom(...words)).map(([a, fallback, word]) => {
      return `(${a} | ${JSON.stringify(fallback)}) == ${JSON.stringify(word)}`
    }),
    fc.tuple(tie('string'), tie('string')).map(([a, b]) => `(${a} == ${b})`),
    fc.tuple(tie('string'), tie('string')).map(([a, b]) => `(${a} < ${b})`),
    fc.tuple(tie('bool'), tie('bool')).map(([a, b]) => `(${a} && ${b})`),
    fc.tuple(tie('bool'), tie('bool')).map(([a, b]) => `${a} && ${b}`),
    fc.tuple(tie('bool'), tie('bool')).map(([a, b]) => `(${a} || ${b})`),
    fc.tuple(tie('string'), tie('string')).map(([a, b]) => `match(${a}, ${b})`),
    fc
      .tuple(tie('string'), tie('string'))
      .map(([a, b]) => `${a.startsWith('(') ? a : `(${a})`}.matches(${b})`),
  ),
}))

/** Conditions that compile. */
export const condition: fc.Arbitrary<string> = stringOperand.bool
/** Texts of type STRING that compile. */
export const stringExpression: fc.Arbitrary<string> = stringOperand.string

const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.constantFrom(...words),
  fc.string({ maxLength: 8 }),
  fc.integer(),
  fc.constantFrom(42, 1, true, false, 2n ** 62n, Number.NaN, -0),
  fc.integer().map(seconds => new Instant(seconds, 1)),
  fc.constantFrom(new Uint8Array([1, 2, 3, 4]), new Uint8Array(16)),
  fc
    .dictionary(fc.constantFrom('k', 'user', ''), fc.constantFrom(...words))
    .map(entries => new Map(Object.entries(entries))),
)

/** Requests: each attribute is there or not, with a value of its form. */
export const anyRequest: fc.Arbitrary<() => AttributeBag> = fc
  .array(fc.tuple(fc.constantFrom(...vocabulary.names(), 'q.s', 'q.m', 'q.b', 'q.i', 'z.s', 'z.m'), value), {
    maxLength: 14,
  })
  .map(entries => () => {
    const bag = new AttributeBag(vocabulary)
    for (const [name, one] of entries) bag.setByName(name, one)
    return bag
  })

/** Whether two evaluations came to the same. */
export function sameResult(a: AttributeValue | EvalFailure, b: AttributeValue | EvalFailure): boolean {
  if (a instanceof EvalFailure)
    return b instanceof EvalFailure && a.message === b.message && a.kind === b.kind
  return fc.stringify(a) === fc.stringify(b)
}
