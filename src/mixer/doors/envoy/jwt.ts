import type { AttributeBag } from '../../attributes/index.js'
import { put } from './slots.js'
import { isObject, type Json, type JsonObject } from './struct.js'

/** Where Envoy's JWT filter leaves what it has verified. */
export const jwtNamespace = 'envoy.filters.http.jwt_authn'

export const jwtForms = {
  'request.auth.principal': 'string',
  'request.auth.audiences': 'string',
  'request.auth.presenter': 'string',
  'request.auth.claims': 'map',
  'request.auth.raw_claims': 'string',
} as const

export type JwtSlots = Readonly<Record<keyof typeof jwtForms, number>>

/**
 * Fills `request.auth.*` from a verified token, as Istio's client did: claims that are strings or lists of strings
 * (joined with commas) only. The filter writes the payload under a name that its configuration chooses: `payloadKey`,
 * or (undefined) the first object that has an issuer or a subject.
 */
export function fillJwt(
  bag: AttributeBag,
  slots: JwtSlots,
  metadata: JsonObject,
  payloadKey: string | undefined,
): void {
  const payload = payloadKey === undefined ? findPayload(metadata) : metadata[payloadKey]
  if (!isObject(payload)) return
  const issuer = textOf(payload.iss)
  const subject = textOf(payload.sub)
  if (issuer !== undefined && subject !== undefined)
    put(bag, slots['request.auth.principal'], `${issuer}/${subject}`)
  put(bag, slots['request.auth.audiences'], textOf(payload.aud))
  put(bag, slots['request.auth.presenter'], textOf(payload.azp))
  const claims = new Map<string, string>()
  for (const [name, value] of Object.entries(payload)) {
    const text = textOf(value)
    if (text !== undefined) claims.set(name, text)
  }
  if (claims.size > 0) put(bag, slots['request.auth.claims'], claims)
  put(bag, slots['request.auth.raw_claims'], JSON.stringify(payload))
}

function findPayload(metadata: JsonObject): Json | undefined {
  return Object.values(metadata).find(value => isObject(value) && ('iss' in value || 'sub' in value))
}

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.length > 0 && value.every(item => typeof item === 'string'))
    return value.join(',')
  return undefined
}
