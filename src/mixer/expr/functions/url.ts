import { decodePart, encodePart } from './url-encoding.js'

/**
 * A URL as Go's parser takes it apart. All parts hold bytes: one character for each byte of the UTF-8 text. The rules
 * are Go 1.13's, which upstream was built with; RFC 3986 gives the grammar.
 */
export interface GoUrl {
  /** In small letters; empty for a relative reference. */
  readonly scheme: string
  /** What follows a scheme when that is no `/`. */
  readonly opaque: string
  readonly user: { readonly name: string; readonly password: string | undefined } | undefined
  /** With the port. */
  readonly host: string
  /** Decoded. */
  readonly path: string
  /** As written, when that differs from the default encoding of `path`; otherwise empty. */
  readonly rawPath: string
  readonly query: string
  /** A `?` without a query. */
  readonly hasEmptyQuery: boolean
  readonly fragment: string
}

/** Takes a URL apart; a string is the reason why it is none. */
export function parseUrl(text: string): GoUrl | string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1')
  const [beforeFragment, rawFragment] = cut(bytes, '#')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what Go refuses.
  if (/[\0-\x1f\x7f]/.test(beforeFragment)) return 'net/url: invalid control character in URL'
  const fragment = decodePart(rawFragment, 'fragment')
  if (fragment === undefined) return 'invalid URL escape in the fragment'
  const empty: GoUrl = {
    scheme: '',
    opaque: '',
    user: undefined,
    host: '',
    path: '',
    rawPath: '',
    query: '',
    hasEmptyQuery: false,
    fragment,
  }
  if (beforeFragment === '*') return { ...empty, path: '*' }
  const split = splitScheme(beforeFragment)
  if (split === undefined) return 'missing protocol scheme'
  const hasEmptyQuery = split.rest.indexOf('?') === split.rest.length - 1 && split.rest !== ''
  const [beforeQuery, query] = cut(split.rest, '?')
  const url: GoUrl = { ...empty, scheme: split.scheme.toLowerCase(), query, hasEmptyQuery }
  return parseHierarchy(url, beforeQuery)
}

function parseHierarchy(url: GoUrl, text: string): GoUrl | string {
  let rest = text
  if (!rest.startsWith('/')) {
    if (url.scheme !== '') return { ...url, opaque: rest }
    if (cut(rest, '/')[0].includes(':')) return 'first path segment in URL cannot contain colon'
  }
  let authority: Authority | undefined
  if ((url.scheme !== '' || !rest.startsWith('///')) && rest.startsWith('//')) {
    const slash = rest.indexOf('/', 2)
    const end = slash < 0 ? rest.length : slash
    const parsed = parseAuthority(rest.slice(2, end))
    if (typeof parsed === 'string') return parsed
    authority = parsed
    rest = rest.slice(end)
  }
  const path = decodePart(rest, 'path')
  if (path === undefined) return 'invalid URL escape in the path'
  const rawPath = encodePart(path, 'path') === rest ? '' : rest
  return { ...url, ...authority, path, rawPath }
}

/** The URL as Go writes it. */
export function printUrl(url: GoUrl): string {
  const { scheme, opaque, user, host, path, query, hasEmptyQuery, fragment } = url
  let text = scheme === '' ? '' : `${scheme}:`
  if (opaque !== '') text += opaque
  else {
    if (
      (scheme !== '' || host !== '' || user !== undefined) &&
      (host !== '' || path !== '' || user !== undefined)
    ) {
      text += '//'
      if (user !== undefined) text += `${printUser(user)}@`
      text += encodePart(host, 'host')
    }
    const shownPath = encodedPath(url)
    if (shownPath !== '' && !shownPath.startsWith('/') && host !== '') text += '/'
    if (text === '' && cut(shownPath, '/')[0].includes(':')) text += './'
    text += shownPath
  }
  if (hasEmptyQuery || query !== '') text += `?${query}`
  return fragment === '' ? text : `${text}#${encodePart(fragment, 'fragment')}`
}

/** The host without port and brackets, as text. */
export function hostname({ host }: GoUrl): string {
  const bracket = host.startsWith('[') ? host.indexOf(']') : -1
  const colon = host.lastIndexOf(':')
  const bare =
    bracket >= 0 ? host.slice(1, bracket) : colon >= 0 && !host.startsWith('[') ? host.slice(0, colon) : host
  return Buffer.from(bare, 'latin1').toString('utf8')
}

/** The port as written, or empty. */
export function port({ host }: GoUrl): string {
  return /:([0-9]*)$/.exec(host)?.[1] ?? ''
}

interface Authority {
  readonly user: GoUrl['user']
  readonly host: string
}

function parseAuthority(authority: string): Authority | string {
  const at = authority.lastIndexOf('@')
  const host = parseHost(authority.slice(at + 1))
  if (host === undefined) return 'invalid host or port'
  if (at < 0) return { user: undefined, host }
  const info = authority.slice(0, at)
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(info)) return 'net/url: invalid userinfo'
  const colon = info.indexOf(':')
  const name = decodePart(colon < 0 ? info : info.slice(0, colon), 'user')
  const password = colon < 0 ? undefined : decodePart(info.slice(colon + 1), 'user')
  if (name === undefined || (colon >= 0 && password === undefined))
    return 'invalid URL escape in the user info'
  return { user: { name, password }, host }
}

function parseHost(host: string): string | undefined {
  const portStart = host.startsWith('[') ? host.lastIndexOf(']') + 1 : host.lastIndexOf(':')
  if (host.startsWith('[') && portStart === 0) return undefined
  const portText = portStart < 0 ? '' : host.slice(portStart)
  if (!/^(?::[0-9]*)?$/.test(portText)) return undefined
  const zone = host.startsWith('[') ? host.slice(0, portStart - 1).indexOf('%25') : -1
  if (zone < 0) return decodePart(host, 'host')
  const before = decodePart(host.slice(0, zone), 'host')
  const within = decodePart(host.slice(zone, portStart - 1), 'zone')
  const after = decodePart(host.slice(portStart - 1), 'host')
  return before === undefined || within === undefined || after === undefined
    ? undefined
    : before + within + after
}

function printUser({
  name,
  password,
}: {
  readonly name: string
  readonly password: string | undefined
}): string {
  const shownName = encodePart(name, 'user')
  return password === undefined ? shownName : `${shownName}:${encodePart(password, 'user')}`
}

/** The path as written when it is a fair encoding of the decoded one. */
function encodedPath({ path, rawPath }: GoUrl): string {
  const isFair = /^[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]%/]*$/.test(rawPath)
  if (rawPath !== '' && isFair) return rawPath
  return path === '*' ? '*' : encodePart(path, 'path')
}

function splitScheme(text: string): { readonly scheme: string; readonly rest: string } | undefined {
  if (text.startsWith(':')) return undefined
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]
  return scheme === undefined ? { scheme: '', rest: text } : { scheme, rest: text.slice(scheme.length + 1) }
}

function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
