import { allow, type DirectResponse, deny, type Verdict } from '@outboard/adapters-sdk'
import type { DenierSettings } from './settings.js'

/** The one verdict that these settings give, made once. Code 0 makes it an allow. */
export function configuredVerdict(settings: DenierSettings): Verdict {
  const { code, message } = settings.status
  const caching = { validForMs: settings.validDuration, validUses: settings.validUseCount }
  if (code === 0) return allow(caching)
  const direct = directResponse(settings)
  return deny(code, message, direct === undefined ? caching : { ...caching, direct })
}

/** Types of details that have no effect, to be told to the operator. */
export function ignoredDetails(settings: DenierSettings): readonly string[] {
  return settings.status.details.flatMap(detail => (detail.kind === 'unknown' ? [detail.typeUrl] : []))
}

/** The first direct response among the details, as Mixer takes it. */
function directResponse(settings: DenierSettings): DirectResponse | undefined {
  for (const detail of settings.status.details) {
    if (detail.kind === 'unknown') continue
    const { code, body, headers } = detail.value
    return { httpStatus: code, body, headers: Object.entries(headers).flatMap(headerLines) }
  }
  return undefined
}

/**
 * One header, or one for each cookie. Mixer splits `Set-Cookie` at every comma, which tears `Expires` apart; only a
 * comma before `name=` begins a cookie.
 */
function headerLines([name, value]: [string, string]): (readonly [string, string])[] {
  if (name.toLowerCase() !== 'set-cookie') return [[name, value]]
  return value.split(/,\s*(?=[^\s;,=]+=)/).map(cookie => [name, cookie] as const)
}
