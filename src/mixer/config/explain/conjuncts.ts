/**
 * The operands of an expression's outermost `&&`, so that each can be looked at alone. An expression that has none, or
 * is joined by something weaker (`||`, a ternary), is its only operand. Works for all three languages: they agree on
 * quotes, brackets and the order of these operators.
 */
export function conjunctsOf(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  let i = 0
  while (i < text.length) {
    const here = text[i]
    if (here === '"' || here === "'" || here === '`') {
      i = endOfQuote(text, i, here)
      continue
    }
    if (here === '(' || here === '[' || here === '{') depth++
    else if (here === ')' || here === ']' || here === '}') depth--
    else if (depth === 0 && (here === '?' || text.startsWith('||', i))) return [text.trim()]
    else if (depth === 0 && text.startsWith('&&', i)) {
      parts.push(text.slice(start, i).trim())
      start = i + 2
      i++
    }
    i++
  }
  parts.push(text.slice(start).trim())
  return parts
}

/** Behind the quote that closes the one at `start`. */
function endOfQuote(text: string, start: number, quote: string): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\' && quote !== '`') i++
    else if (text[i] === quote) return i + 1
  }
  return text.length
}
