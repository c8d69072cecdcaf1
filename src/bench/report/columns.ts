/** Lines that are at most so long, in characters. */
export const maxWidth = 100

/** A table as text: the first column to the left, the others to the right. Too long a cell of the first column is cut. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, i) => Math.max(length(title), ...rows.map(row => length(row[i] ?? ''))))
  const rest = widths.slice(1).reduce((sum, width) => sum + width + 2, 0)
  const first = Math.max(4, Math.min(widths[0] ?? 0, maxWidth - rest))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cut(cell, first).padEnd(first) : pad(cell, widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [
    line(head),
    line([...head.keys()].map(i => '-'.repeat(i === 0 ? first : (widths[i] ?? 0)))),
    ...rows.map(line),
  ]
}

/** Breaks a text into lines of at most `maxWidth`, those after the first indented. */
export function wrapped(text: string, indent = '  '): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && length(line) + 1 + length(word) > maxWidth) {
      lines.push(line)
      line = `${indent}${word}`
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines
}

function length(text: string): number {
  return [...text].length
}

function pad(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - length(text))) + text
}

function cut(text: string, width: number): string {
  return length(text) <= width ? text : `${[...text].slice(0, width - 1).join('')}…`
}
