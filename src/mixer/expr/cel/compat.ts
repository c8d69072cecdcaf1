import type { Ast, Call, Constant } from '../syntax/ast.js'

const infix = new Map<string, string>([
  ['EQ', '=='],
  ['NEQ', '!='],
  ['LT', '<'],
  ['LEQ', '<='],
  ['GT', '>'],
  ['GEQ', '>='],
  ['LAND', '&&'],
  ['LOR', '||'],
  ['ADD', '+'],
  ['SUB', '-'],
  ['MUL', '*'],
  ['QUO', '/'],
  ['REM', '%'],
])

/**
 * The CEL text for an expression in the classic syntax: chains of `|` become one flat `pick`, literals that read as
 * durations become `duration(…)`. Source: reference expressions, section 11, COMPAT.
 */
export function celTextOf(ast: Ast): string {
  switch (ast.kind) {
    case 'constant':
      return constantText(ast)
    case 'name':
      return ast.name
    case 'call':
      return callText(ast)
  }
}

function callText(call: Call): string {
  const { name, target, args } = call
  const texts = args.map(celTextOf)
  if (target !== undefined) return `(${celTextOf(target)}).${name}(${texts.join(', ')})`
  if (name === 'OR') return `pick(${alternatives(call).map(celTextOf).join(', ')})`
  if (name === 'INDEX' && texts.length === 2) return `${texts[0]}[${texts[1]}]`
  if (name === 'NOT' && texts.length === 1) return `!(${texts[0]})`
  if (name === 'SUB' && texts.length === 1) return `-(${texts[0]})`
  const operator = infix.get(name)
  return operator !== undefined && texts.length > 1
    ? `(${texts.join(` ${operator} `)})`
    : `${name}(${texts.join(', ')})`
}

/** The operands of a chain of `|`, with the chains within it, in parentheses or not, opened up. */
function alternatives(ast: Ast): readonly Ast[] {
  return ast.kind === 'call' && ast.name === 'OR' ? ast.args.flatMap(alternatives) : [ast]
}

function constantText({ type, value }: Constant): string {
  if (type === 'DURATION') return `duration("${value}ns")`
  if (typeof value === 'string') return quote(value)
  if (type !== 'DOUBLE') return String(value)
  const digits = String(value)
  return /[.e]/.test(digits) ? digits : `${digits}.0`
}

function quote(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, unit => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
