import type { Produced } from './contract.js'
import type { Grant } from './grant.js'
import { isHeaderName, isHeaderValue } from './header-text.js'
import type { Caching, DirectResponse, HeaderOperation, Metadata, Verdict } from './verdict.js'

// An author may return anything, in JavaScript and past the compiler. What is wrong is said in words that follow "The handler
// answered", before a byte is written: on the wire a wrong number would become another answer, or end the session.

/** The largest number of uses that an answer can have, beside -1; 32 bits with a sign, as Istio's wire has them. */
const maxUses = 0x7fffffff
const largestInt64 = 2n ** 63n - 1n

const upperCase = /[A-Z]/

/** What is wrong with a verdict; undefined: nothing. */
export function verdictProblem(verdict: Verdict): string | undefined {
  switch (verdict?.kind) {
    case 'allow':
      return (
        cachingProblem(verdict.caching) ??
        operationsProblem(verdict.headers) ??
        metadataProblem(verdict.metadata) ??
        cacheKeysProblem(verdict.cacheKeys)
      )
    case 'deny':
      if (!isCode(verdict.code)) return `a denial with the code ${shown(verdict.code)}`
      if (typeof verdict.message !== 'string') return `a denial with the message ${shown(verdict.message)}`
      return (
        directProblem(verdict.direct) ??
        cachingProblem(verdict.caching) ??
        metadataProblem(verdict.metadata) ??
        cacheKeysProblem(verdict.cacheKeys)
      )
    case 'failed':
      return undefined
    case undefined:
      return 'nothing'
  }
  return 'something that is no verdict'
}

/** What is wrong with a grant; undefined: nothing. */
export function grantProblem(grant: Grant): string | undefined {
  switch (grant?.kind) {
    case 'granted':
      if (typeof grant.amount !== 'bigint') return 'a grant whose amount is no bigint'
      if (grant.amount > largestInt64 || grant.amount < -largestInt64 - 1n)
        return `a grant whose amount ${grant.amount} has more than 64 bits`
      return isDuration(grant.validForMs) ? undefined : `a grant with validForMs ${shown(grant.validForMs)}`
    case 'refused':
      if (!isCode(grant.code)) return `a refusal with the code ${shown(grant.code)}`
      if (typeof grant.message !== 'string') return `a refusal with the message ${shown(grant.message)}`
      return isDuration(grant.validForMs) ? undefined : `a refusal with validForMs ${shown(grant.validForMs)}`
    case 'failed':
      return undefined
    case undefined:
      return 'nothing'
  }
  return 'something that is no grant'
}

/** What is wrong with produced attributes, but for their values, which their template knows; undefined: nothing. */
export function producedProblem(produced: Produced): string | undefined {
  if (typeof produced?.output !== 'object' || produced.output === null) return 'no output'
  const { validForMs } = produced
  if (validForMs === undefined || isDuration(validForMs)) return undefined
  return `attributes with validForMs ${shown(validForMs)}`
}

function cachingProblem(caching: Caching): string | undefined {
  switch (caching?.kind) {
    case 'no-opinion':
    case 'do-not-cache':
      return undefined
    case 'valid': {
      const { forMs, uses } = caching
      if (!isDuration(forMs)) return `a verdict with validForMs ${shown(forMs)}`
      if (Number.isInteger(uses) && uses >= -1 && uses <= maxUses) return undefined
      return `a verdict with validUses ${shown(uses)}; it must be a whole number from -1 to ${maxUses}`
    }
  }
  return 'a verdict with an unknown caching'
}

function operationsProblem(headers: readonly HeaderOperation[]): string | undefined {
  if (!Array.isArray(headers)) return 'a verdict whose headers are no list'
  for (let index = 0; index < headers.length; index++) {
    const problem = operationProblem(headers[index])
    if (problem !== undefined) return `a verdict with headers[${index}].${problem}`
  }
  return undefined
}

function operationProblem(each: HeaderOperation | undefined): string | undefined {
  if (each?.on !== 'request' && each?.on !== 'response') return `on ${shown(each?.on)}`
  const { operation, name, value } = each
  if (operation !== 'replace' && operation !== 'append' && operation !== 'remove')
    return `operation ${shown(operation)}`
  if (typeof name !== 'string' || !isHeaderName(name) || upperCase.test(name))
    return `name ${shown(name)}, which is no header name in lower case`
  return textProblem(value)
}

function directProblem(direct: DirectResponse | undefined): string | undefined {
  if (direct === undefined) return undefined
  const { httpStatus, body, headers } = direct
  if (httpStatus !== 0 && !(Number.isInteger(httpStatus) && httpStatus >= 100 && httpStatus <= 599))
    return `a denial with direct.httpStatus ${shown(httpStatus)}`
  if (typeof body !== 'string') return `a denial with direct.body ${shown(body)}`
  if (!Array.isArray(headers)) return 'a denial whose direct.headers are no list'
  for (const [index, pair] of headers.entries()) {
    const at = `a denial with direct.headers[${index}]`
    if (!Array.isArray(pair) || pair.length !== 2) return `${at}, which is no pair of name and value`
    // Any case will do here: the host sends the names in lower case.
    const [name, value] = pair
    if (typeof name !== 'string' || !isHeaderName(name))
      return `${at}.name ${shown(name)}, which is no header name`
    const problem = textProblem(value)
    if (problem !== undefined) return `${at}.${problem}`
  }
  return undefined
}

function textProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return `value ${shown(value)}, which is no text`
  return isHeaderValue(value) ? undefined : `value ${shown(value)}, which has a line break or NUL`
}

function metadataProblem(metadata: Metadata): string | undefined {
  if (typeof metadata !== 'object' || metadata === null) return 'a verdict whose metadata is no object'
  for (const name in metadata) {
    const value = metadata[name]
    switch (typeof value) {
      case 'string':
      case 'boolean':
      case 'undefined':
        continue
      case 'number':
        if (Number.isFinite(value)) continue
    }
    return `a verdict with metadata.${name} ${shown(value)}; it must be text, a finite number or a boolean`
  }
  return undefined
}

function cacheKeysProblem(keys: readonly string[]): string | undefined {
  if (!Array.isArray(keys)) return 'a verdict whose cacheKeys are no list'
  for (const key of keys) if (typeof key !== 'string') return `a verdict with the cache key ${shown(key)}`
  return undefined
}

/** Milliseconds that both wires have room for. A fraction is cut off. */
function isDuration(ms: unknown): boolean {
  return typeof ms === 'number' && ms >= 0 && ms <= Number.MAX_SAFE_INTEGER
}

function isCode(code: unknown): boolean {
  return Number.isInteger(code) && Number(code) > 0 && Number(code) < 0x7fffffff
}

/** What was found, short. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'of a list' : 'of an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}
