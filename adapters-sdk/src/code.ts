/** The status codes of `google.rpc.Code`, by name. Source: reference wire-mixer-v1, section 11. */
export const Code = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const

/** A status code's name. */
export type CodeName = keyof typeof Code

const names = new Map<number, CodeName>(Object.entries(Code).map(([name, code]) => [code, name as CodeName]))

/** The name of a status code; a number that has none is printed as `CODE_<n>`. */
export function codeName(code: number): string {
  return names.get(code) ?? `CODE_${code}`
}
