/** What a route answers. */
export interface Reply {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Why the admin port refuses a request.
 * - `ADMIN_NOT_FOUND`: no such path
 * - `ADMIN_METHOD_NOT_ALLOWED`: the path is asked with other methods
 * - `ADMIN_TOO_LARGE`: the body is larger than 4,096 bytes
 * - `ADMIN_BAD_REQUEST`: the body or a parameter makes no sense
 * - `ADMIN_FORBIDDEN`: the request comes from a page of another site
 * - `ADMIN_NO_CACHE`: the host runs without a cache
 * - `ADMIN_UNKNOWN_HANDLER`: no handler in force has that name
 * - `ADMIN_FAILED`: the answer could not be made
 */
export const adminCodes = [
  'ADMIN_NOT_FOUND',
  'ADMIN_METHOD_NOT_ALLOWED',
  'ADMIN_TOO_LARGE',
  'ADMIN_BAD_REQUEST',
  'ADMIN_FORBIDDEN',
  'ADMIN_NO_CACHE',
  'ADMIN_UNKNOWN_HANDLER',
  'ADMIN_FAILED',
] as const
export type AdminCode = (typeof adminCodes)[number]

export function text(status: number, body: string): Reply {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${body}\n` }
}

export function json(status: number, body: unknown): Reply {
  return {
    status,
    contentType: 'application/json; charset=utf-8',
    body: `${JSON.stringify(body, plain, 2)}\n`,
  }
}

export function refuse(status: number, code: AdminCode, message: string): Reply {
  return json(status, { error: { code, message } })
}

/** What JSON has no form for: exact integers become text, maps become objects. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Map) return Object.fromEntries(value)
  return value
}
