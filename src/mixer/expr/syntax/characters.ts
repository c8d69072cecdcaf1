/** Go's letters: `_` and every Unicode letter. Takes a code point; -1 (the end of the text) is none. */
export function isLetter(code: number): boolean {
  if (code < 0x80) return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f
  return /\p{L}/u.test(String.fromCodePoint(code))
}

/** Go's digits in names: every Unicode decimal digit. */
export function isDigit(code: number): boolean {
  if (code < 0x80) return isDecimal(code)
  return /\p{Nd}/u.test(String.fromCodePoint(code))
}

/** `0` to `9`. */
export function isDecimal(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** The value of a hexadecimal digit, or 16 when it is none. */
export function hexValue(code: number): number {
  if (isDecimal(code)) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : 16
}

/** Go's reserved words: none can be a part of an attribute's name. */
export const keywords: ReadonlySet<string> = new Set([
  'break',
  'case',
  'chan',
  'const',
  'continue',
  'default',
  'defer',
  'else',
  'fallthrough',
  'for',
  'func',
  'go',
  'goto',
  'if',
  'import',
  'interface',
  'map',
  'package',
  'range',
  'return',
  'select',
  'struct',
  'switch',
  'type',
  'var',
])

/** The reserved words after which a line may end an expression, to Go's scanner. */
export const endingKeywords: ReadonlySet<string> = new Set(['break', 'continue', 'fallthrough', 'return'])

/** Longest first, so that the first that fits is the one. */
const operators: readonly string[] = [
  '<<=',
  '>>=',
  '&^=',
  '...',
  '&&',
  '||',
  '<-',
  '++',
  '--',
  '==',
  '!=',
  '<=',
  '>=',
  ':=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '<<',
  '>>',
  '&^',
  '+',
  '-',
  '*',
  '/',
  '%',
  '&',
  '|',
  '^',
  '<',
  '>',
  '=',
  '!',
  '(',
  '[',
  '{',
  ',',
  '.',
  ')',
  ']',
  '}',
  ';',
  ':',
]

/** Operators after which a line may end an expression. */
export const endingOperators: ReadonlySet<string> = new Set([')', ']', '}', '++', '--'])

const operatorsByFirst = new Map<string, readonly string[]>()
for (const operator of operators) {
  const first = operator.charAt(0)
  operatorsByFirst.set(first, [...(operatorsByFirst.get(first) ?? []), operator])
}

/** The operator of Go at a place of a text, or undefined. */
export function operatorAt(text: string, start: number): string | undefined {
  return operatorsByFirst.get(text.charAt(start))?.find(operator => text.startsWith(operator, start))
}
