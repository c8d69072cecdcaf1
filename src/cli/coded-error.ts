/** Errors of all rooms carry a stable code in capitals, listed in docs/errors.md. */
export interface CodedError extends Error {
  readonly code: string
}

/** Whether an error is one that a user can do something about, rather than a defect of ours. */
export function isCoded(error: unknown): error is CodedError {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false
  // Node's own codes are no promise of ours: ERR_… and the system's E….
  return /^[A-Z]+(_[A-Z]+)+$/.test(error.code) && !error.code.startsWith('ERR_')
}
