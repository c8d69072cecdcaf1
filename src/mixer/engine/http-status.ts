/**
 * The HTTP status of a direct response whose adapter gave none, by `google.rpc.Code`.
 * Source: reference wire-mixer-v1, section 11, the Mixer column.
 */
const byCode: readonly number[] = [
  200, 408, 500, 400, 504, 404, 409, 403, 429, 412, 409, 400, 501, 500, 503, 500, 401,
]

export function directStatusOf(code: number): number {
  return byCode[code] ?? 500
}
