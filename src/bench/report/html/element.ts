/** Attributes of an element; numbers are written with at most two decimals. */
export type Attributes = Readonly<Record<string, string | number>>

const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text as HTML. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, character => names[character] ?? character)
}

/** An element; its content is HTML already. */
export function element(name: string, attributes: Attributes, ...content: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(valueText(value))}"`)
  return `<${name}${written.join('')}>${content.join('')}</${name}>`
}

function valueText(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : value
}
