import {
  AdapterError,
  type DirectResponse,
  isHeaderName,
  isHeaderValue,
  type Verdict,
} from '@outboard/adapters-sdk'

const upperCase = /[A-Z]/

/**
 * A verdict as the host goes on with it, from whichever placement it came: names of headers are lower case, so that two
 * spellings are one header, and none is there that a proxy would refuse, or take for two. Otherwise it failed.
 */
export function acceptedVerdict(verdict: Verdict, handler: string): Verdict {
  switch (verdict.kind) {
    case 'failed':
      return verdict
    case 'allow': {
      const { headers } = verdict
      let changed = false
      for (const { name, value } of headers) {
        if (!isHeaderName(name) || !isHeaderValue(value)) return broken(handler, badHeader(name, value))
        changed ||= upperCase.test(name)
      }
      return changed ? { ...verdict, headers: headers.map(withLowerCase) } : verdict
    }
    case 'deny': {
      const { direct } = verdict
      if (direct === undefined) return verdict
      const problem = problemOf(direct)
      if (problem !== undefined) return broken(handler, problem)
      const changed = direct.headers.some(([name]) => upperCase.test(name))
      return changed ? { ...verdict, direct: lowerCased(direct) } : verdict
    }
  }
}

function withLowerCase<Named extends { readonly name: string }>(named: Named): Named {
  return { ...named, name: named.name.toLowerCase() }
}

function lowerCased(direct: DirectResponse): DirectResponse {
  return { ...direct, headers: direct.headers.map(([name, value]) => [name.toLowerCase(), value]) }
}

function problemOf({ httpStatus, headers }: DirectResponse): string | undefined {
  // What is below 200 announces an answer, and is none.
  if (httpStatus !== 0 && !(httpStatus >= 200 && httpStatus <= 599)) return `the HTTP status ${httpStatus}`
  for (const [name, value] of headers)
    if (!isHeaderName(name) || !isHeaderValue(value)) return badHeader(name, value)
  return undefined
}

function badHeader(name: string, value: string): string {
  return isHeaderName(name)
    ? `the header ${name} with the value ${JSON.stringify(value)}`
    : `the header name ${JSON.stringify(name)}`
}

function broken(handler: string, problem: string): Verdict {
  const message = `Handler "${handler}" answered with ${problem}`
  return { kind: 'failed', error: new AdapterError('ADAPTER_PROTOCOL', message) }
}
