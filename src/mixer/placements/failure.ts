import { AdapterError, type AdapterErrorCode, type Failed } from '@outboard/adapters-sdk'

/** A verdict (or grant) that says there is none, and why. */
export function failedWith(error: AdapterError): Failed {
  return { kind: 'failed', error }
}

export function failure(code: AdapterErrorCode, message: string, cause?: unknown): AdapterError {
  return new AdapterError(code, message, cause === undefined ? undefined : { cause })
}

/** What an adapter threw, as the error that metrics count. An AdapterError keeps its own code. */
export function crashed(handler: string, thrown: unknown): AdapterError {
  if (thrown instanceof AdapterError) return thrown
  return failure('ADAPTER_CRASHED', `Handler "${handler}" threw: ${messageOf(thrown)}`, thrown)
}

/** The message of anything that can be thrown. Never throws, not even for a hostile `toString`. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  try {
    return String(thrown)
  } catch {
    return 'something that cannot be printed'
  }
}
