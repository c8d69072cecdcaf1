import { codeName } from '../code.js'
import type { CheckOutcome, LocalReply } from './outcome.js'

/** The HTTP status of each code. Source: reference proxy-client, section 5. */
const httpStatuses: ReadonlyMap<number, number> = new Map([
  [0, 200],
  [1, 499],
  [2, 500],
  [3, 400],
  [4, 504],
  [5, 404],
  [6, 409],
  [7, 403],
  [8, 429],
  [9, 400],
  [10, 409],
  [11, 400],
  [12, 501],
  [13, 500],
  [14, 503],
  [15, 500],
  [16, 401],
])

/** What an HTTP proxy answers by itself; undefined: it passes the request on, with the directive's edits if there are any. */
export function localReply({ allowed, status, directive }: CheckOutcome): LocalReply | undefined {
  if (directive !== undefined && directive.directStatus !== 0)
    return {
      httpStatus: directive.directStatus,
      body: directive.directBody,
      headers: directive.response,
    }
  if (allowed) return undefined
  const httpStatus = httpStatuses.get(status.code) ?? 500
  return { httpStatus, body: `${codeName(status.code)}:${status.message}`, headers: [] }
}
