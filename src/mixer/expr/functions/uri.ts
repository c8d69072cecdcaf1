import { EvalFailure } from '../plan.js'
import { dnsEqual } from './dns.js'
import { invalid, shown } from './invalid.js'
import { type GoUrl, hostname, parseUrl, port, printUrl } from './url.js'

/** `uri(text)`: not empty, and a URL or reference to Go's lenient parser; the text itself is the value. */
export function uri(text: string): string | EvalFailure {
  if (text === '') return invalid('error converting string to uri: empty string')
  const url = parseUrl(text)
  return typeof url === 'string' ? invalid(`error converting string to uri '${shown(text)}': ${url}`) : text
}

/**
 * Equality of URIs: the scheme in any letter case; for http and https the host as a name and the port as text; the rest
 * as it is written. Fails when a host of http or https cannot be looked up (an IPv6 literal, for one), as upstream.
 */
export function uriEqual(a: string, b: string): boolean | EvalFailure {
  const left = parse(a)
  if (left instanceof EvalFailure) return left
  const right = parse(b)
  if (right instanceof EvalFailure) return right
  if (left.scheme !== right.scheme) return false
  if (left.scheme !== 'http' && left.scheme !== 'https') return printUrl(left) === printUrl(right)
  const sameHost = dnsEqual(hostname(left), hostname(right))
  if (sameHost !== true) return sameHost
  return port(left) === port(right) && printUrl(left) === printUrl({ ...right, host: left.host })
}

function parse(text: string): GoUrl | EvalFailure {
  const url = parseUrl(text)
  return typeof url === 'string' ? invalid(`parse ${shown(text)}: ${url}`) : url
}
