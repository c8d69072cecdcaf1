/** The names in a certificate's subject alternative name extension that a peer can be known by. */
export interface AlternativeNames {
  readonly dns: readonly string[]
  readonly uris: readonly string[]
}

/**
 * Takes apart Node's text form, `DNS:a, URI:b`. A value with a comma or a quote in it stands as a JSON string, so that
 * a certificate cannot smuggle in a second name by writing a comma into its first.
 */
export function parseAlternativeNames(text: string | undefined): AlternativeNames {
  const dns: string[] = []
  const uris: string[] = []
  for (const entry of entriesOf(text ?? '')) {
    const colon = entry.indexOf(':')
    const kind = entry.slice(0, colon)
    const value = unquote(entry.slice(colon + 1))
    if (value === undefined) continue
    if (kind === 'DNS') dns.push(value)
    if (kind === 'URI') uris.push(value)
  }
  return { dns, uris }
}

function entriesOf(text: string): string[] {
  const entries: string[] = []
  let start = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (quoted && c === '\\') i += 1
    else if (c === '"') quoted = !quoted
    else if (!quoted && c === ',' && text[i + 1] === ' ') {
      entries.push(text.slice(start, i))
      start = i + 2
    }
  }
  if (start < text.length) entries.push(text.slice(start))
  return entries
}

function unquote(value: string): string | undefined {
  if (!value.startsWith('"')) return value
  try {
    const parsed: unknown = JSON.parse(value)
    return typeof parsed === 'string' ? parsed : undefined
  } catch {
    return undefined // a name that cannot be read is a name that nobody has
  }
}
