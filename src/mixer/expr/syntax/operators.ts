/** Go's precedence and the functions that operators stand for. Source: reference expressions, section 3. */
const binary = new Map<string, readonly [level: number, name: string]>([
  ['||', [1, 'LOR']],
  ['&&', [2, 'LAND']],
  ['==', [3, 'EQ']],
  ['!=', [3, 'NEQ']],
  ['<', [3, 'LT']],
  ['<=', [3, 'LEQ']],
  ['>', [3, 'GT']],
  ['>=', [3, 'GEQ']],
  ['+', [4, 'ADD']],
  ['-', [4, 'SUB']],
  ['|', [4, 'OR']],
  ['^', [4, 'XOR']],
  ['*', [5, 'MUL']],
  ['/', [5, 'QUO']],
  ['%', [5, 'REM']],
  ['&', [5, 'AND']],
  // These three have no name upstream.
  ['<<', [5, '']],
  ['>>', [5, '']],
  ['&^', [5, '']],
])

const unary = new Map<string, string>([
  ['!', 'NOT'],
  ['-', 'SUB'],
  ['+', 'ADD'],
  ['&', 'AND'],
  ['^', 'XOR'],
  ['<-', ''],
])

/** The operators whose chains are one call: grouping does not change what they mean. */
export const chainable: ReadonlySet<string> = new Set(['||', '&&', '|', '+'])

/** The level of a binary operator, 1 (loosest) to 5; 0 for anything else. */
export function precedence(operator: string): number {
  return binary.get(operator)?.[0] ?? 0
}

/** The function that a binary operator stands for. */
export function operatorName(operator: string): string {
  return binary.get(operator)?.[1] ?? ''
}

/** The function that a unary operator stands for; undefined when it is no unary operator. */
export function unaryName(operator: string): string | undefined {
  return unary.get(operator)
}
