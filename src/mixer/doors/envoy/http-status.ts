import { Code, codeName } from '@outboard/adapters-sdk'

/**
 * The HTTP status of a denial by its code, as Istio's proxy mapped them; CANCELLED is 408, because Envoy's list of
 * statuses has no 499. Source: reference wire-mixer-v1, section 11, and wire-envoy-auth, 7.1.
 */
const statuses: ReadonlyMap<number, number> = new Map([
  [Code.CANCELLED, 408],
  [Code.INVALID_ARGUMENT, 400],
  [Code.DEADLINE_EXCEEDED, 504],
  [Code.NOT_FOUND, 404],
  [Code.ALREADY_EXISTS, 409],
  [Code.PERMISSION_DENIED, 403],
  [Code.RESOURCE_EXHAUSTED, 429],
  [Code.FAILED_PRECONDITION, 400],
  [Code.ABORTED, 409],
  [Code.OUT_OF_RANGE, 400],
  [Code.UNIMPLEMENTED, 501],
  [Code.UNAVAILABLE, 503],
  [Code.UNAUTHENTICATED, 401],
])

/** The HTTP status of a code that is not OK; 500 where none is better. */
export function httpStatus(code: number): number {
  return statuses.get(code) ?? 500
}

/** The body of a denial that brings none of its own: `PERMISSION_DENIED:why`. */
export function denialBody(code: number, message: string): string {
  return `${codeName(code)}:${message}`
}

/** The statuses that `envoy.type.v3.StatusCode` has, without 100, which is no answer. Envoy refuses others. */
const known = new Set([
  200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308, 400, 401, 402,
  403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 424, 426, 428,
  429, 431, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511,
])

/** A status that Envoy accepts: this one, or the general one of its class (RFC 9110, section 15), or 403. */
export function envoyStatus(status: number): number {
  if (known.has(status)) return status
  const general = Math.floor(status / 100) * 100
  return known.has(general) ? general : 403
}
