/**
 * Why a handler could not answer. The code is stable: metrics count by it.
 * - `ADAPTER_TIMEOUT`: no answer before the deadline
 * - `ADAPTER_UNAVAILABLE`: not connected, or the connection broke before the answer
 * - `ADAPTER_OVERLOADED`: a bound on calls in flight or bytes queued was reached
 * - `ADAPTER_CRASHED`: the handler threw
 * - `ADAPTER_PROTOCOL`: the answer could not be decoded, or broke the protocol
 * - `ADAPTER_CANCELLED`: the caller went away
 * - `ADAPTER_DRAINING`: the adapter takes nothing new
 * - `ADAPTER_UNCONFIGURED`: the handler's settings were refused or not yet taken
 * - `ADAPTER_LIMIT`: an answer was larger than the limits allow
 */
export type AdapterErrorCode =
  | 'ADAPTER_TIMEOUT'
  | 'ADAPTER_UNAVAILABLE'
  | 'ADAPTER_OVERLOADED'
  | 'ADAPTER_CRASHED'
  | 'ADAPTER_PROTOCOL'
  | 'ADAPTER_CANCELLED'
  | 'ADAPTER_DRAINING'
  | 'ADAPTER_UNCONFIGURED'
  | 'ADAPTER_LIMIT'

/** A handler could not answer: what it was, to whom, and why. */
export class AdapterError extends Error {
  override readonly name = 'AdapterError'
  constructor(
    readonly code: AdapterErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** One thing wrong with a handler's settings, with the path of the field (`quotas[0].maxAmount`). */
export interface SettingsProblem {
  readonly path: string
  readonly message: string
}

/** An adapter refuses its settings. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly code = 'SETTINGS_INVALID'
  constructor(readonly problems: readonly SettingsProblem[]) {
    super(problems.map(p => (p.path === '' ? p.message : `${p.path}: ${p.message}`)).join('; '))
  }
}
