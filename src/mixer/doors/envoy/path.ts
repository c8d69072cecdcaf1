/** The path of a request target, without query and fragment; not percent-decoded. */
export function urlPath(target: string): string {
  const end = target.search(/[?#]/)
  return end < 0 ? target : target.slice(0, end)
}

/**
 * The query's pairs: `%xx` and `+` decoded, the first value of a name counts. Escapes that are none stay as they are.
 * undefined: there is no query.
 */
export function queryParams(target: string, maxPairs: number): ReadonlyMap<string, string> | undefined {
  const start = target.indexOf('?')
  if (start < 0) return undefined
  const hash = target.indexOf('#', start)
  const query = target.slice(start + 1, hash < 0 ? undefined : hash)
  const params = new Map<string, string>()
  for (const pair of query.split('&', maxPairs)) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals))
    if (!params.has(name)) params.set(name, equals < 0 ? '' : decoded(pair.slice(equals + 1)))
  }
  return params.size > 0 ? params : undefined
}

function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

/** A host without its port; `[v6]:port` gives the address without brackets. */
export function hostName(authority: string): string {
  if (authority.startsWith('[')) return authority.slice(1, authority.indexOf(']'))
  const colon = authority.indexOf(':')
  return colon < 0 || colon !== authority.lastIndexOf(':') ? authority : authority.slice(0, colon)
}

/** `grpc` for the content types of gRPC; otherwise `http`. Source: reference wire-envoy-auth, section 7. */
export function protocolOf(contentType: string | undefined): 'grpc' | 'http' {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return type === 'application/grpc' || type === 'application/grpc+proto' || type === 'application/grpc+json'
    ? 'grpc'
    : 'http'
}
