/**
 * The client that stands at a place in `x-forwarded-for`, counted from the right, 1 being the last. The header is
 * written by whoever sent the request, except for the entries that trusted proxies have added at its end.
 */
export function forwardedClient(header: string, fromRight: number): string | undefined {
  const entries = header.split(',')
  return entries[entries.length - fromRight]?.trim()
}

/** What one element of `x-forwarded-client-cert` says. */
export interface ForwardedCertificate {
  /** URL-encoded PEM, or empty. */
  readonly certificate: string
  /** First URI, else first DNS name, else subject; or empty. */
  readonly principal: string
}

/**
 * The last element of `x-forwarded-client-cert`: the peer of the proxy that asks. Source: Envoy's documentation of the
 * header: elements are separated by commas, their `Key=value` pairs by semicolons; values may be quoted.
 */
export function forwardedCertificate(header: string): ForwardedCertificate {
  const elements = split(header, ',')
  const pairs = new Map<string, string>()
  for (const pair of split(elements.at(-1) ?? '', ';')) {
    const equals = pair.indexOf('=')
    if (equals < 0) continue
    const key = pair.slice(0, equals).trim().toLowerCase()
    if (!pairs.has(key)) pairs.set(key, unquoted(pair.slice(equals + 1).trim()))
  }
  return {
    certificate: pairs.get('cert') ?? '',
    principal: pairs.get('uri') || pairs.get('dns') || pairs.get('subject') || '',
  }
}

/** Splits at a separator that is not inside quotes. */
function split(text: string, separator: string): string[] {
  const parts: string[] = []
  let quoted = false
  let start = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text[i]
    if (unit === '\\' && quoted) i++
    else if (unit === '"') quoted = !quoted
    else if (unit === separator && !quoted) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

function unquoted(text: string): string {
  return text.startsWith('"') && text.endsWith('"') && text.length > 1
    ? text.slice(1, -1).replace(/\\(.)/g, '$1')
    : text
}
