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
export type AdapterErrorCode = (typeof adapterErrorCodes)[number]

const adapterErrorCodes = [
  'ADAPTER_TIMEOUT',
  'ADAPTER_UNAVAILABLE',
  'ADAPTER_OVERLOADED',
  'ADAPTER_CRASHED',
  'ADAPTER_PROTOCOL',
  'ADAPTER_CANCELLED',
  'ADAPTER_DRAINING',
  'ADAPTER_UNCONFIGURED',
  'ADAPTER_LIMIT',
] as const

/** Whether an error's code is one of ours; authors in JavaScript, and other versions of this package, may have others. */
export function isAdapterErrorCode(code: string): code is AdapterErrorCode {
  return adapterErrorCodes.some(known => known === code)
}

/**
 * Brands of the two errors. An adapter that is loaded from a file brings its own copy of this package, and what that copy
 * throws is no instance of this one's classes; the brand is the same in all copies of one process.
 */
const adapterErrorBrand = Symbol.for('outboard.AdapterError')
const settingsErrorBrand = Symbol.for('outboard.SettingsError')

/**
 * A handler could not answer: what it was, to whom, and why. `instanceof` also knows those of other copies of this package.
 */
export class AdapterError extends Error {
  override readonly name = 'AdapterError'
  constructor(
    readonly code: AdapterErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  get [adapterErrorBrand](): true {
    return true
  }
}

/** One thing wrong with a handler's settings, with the path of the field (`quotas[0].maxAmount`). */
export interface SettingsProblem {
  readonly path: string
  readonly message: string
}

/** An adapter refuses its settings. `instanceof` also knows those of other copies of this package. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly code = 'SETTINGS_INVALID'
  constructor(readonly problems: readonly SettingsProblem[]) {
    super(problems.map(p => (p.path === '' ? p.message : `${p.path}: ${p.message}`)).join('; '))
  }

  get [settingsErrorBrand](): true {
    return true
  }
}

knowByBrand(AdapterError, adapterErrorBrand)
knowByBrand(SettingsError, settingsErrorBrand)

/** A class that extends the branded one knows its own instances as any class does. */
function knowByBrand(branded: typeof AdapterError | typeof SettingsError, brand: symbol): void {
  Object.defineProperty(branded, Symbol.hasInstance, {
    value(this: unknown, thrown: unknown): boolean {
      if (typeof thrown !== 'object' || thrown === null) return false
      if (this === branded) return brand in thrown
      return typeof this === 'function' && Object.prototype.isPrototypeOf.call(this.prototype, thrown)
    },
  })
}
