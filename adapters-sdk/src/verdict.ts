import { Code, type CodeName } from './code.js'
import type { AdapterError } from './errors.js'
import type { AttributeValues } from './values.js'

/**
 * How long an answer may be kept. The three kinds are different things all the way to the cache:
 * no opinion leaves it to the others that were asked; do-not-cache forbids keeping the combined answer.
 */
export type Caching =
  | { readonly kind: 'no-opinion' }
  | { readonly kind: 'do-not-cache' }
  /** `forMs`: milliseconds, 0 or more. `uses`: a whole number, 0 to 2^31 - 1; -1 means without limit. */
  | { readonly kind: 'valid'; readonly forMs: number; readonly uses: number }

/** One edit of the request's or the response's headers. Names are lower case; values have no line breaks. */
export interface HeaderOperation {
  readonly on: 'request' | 'response'
  readonly operation: 'replace' | 'append' | 'remove'
  readonly name: string
  /** Empty for `remove`. */
  readonly value: string
}

/** An HTTP answer given at once instead of passing the request on. */
export interface DirectResponse {
  /** HTTP status, 100 to 599; 0 means: derive it from the denial's status code. */
  readonly httpStatus: number
  readonly body: string
  /** In order; a name may stand several times (`set-cookie`). */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** JSON-like data (numbers are finite) that a door can pass on to the proxy beside the answer. */
export type Metadata = Readonly<Record<string, string | number | boolean>>

/** A handler's answer to a check. A denial is an answer; `failed` means that there is none. */
export type Verdict = Allow | Deny | Failed

export interface Allow {
  readonly kind: 'allow'
  readonly caching: Caching
  readonly headers: readonly HeaderOperation[]
  readonly metadata: Metadata
  /** Output fields of a check-with-output template. */
  readonly output: AttributeValues
  /** Keys under which the adapter can withdraw this answer later (`invalidate`). */
  readonly cacheKeys: readonly string[]
}

export interface Deny {
  readonly kind: 'deny'
  /** A `google.rpc.Code`, never 0. */
  readonly code: number
  readonly message: string
  readonly direct: DirectResponse | undefined
  readonly caching: Caching
  readonly metadata: Metadata
  readonly cacheKeys: readonly string[]
}

export interface Failed {
  readonly kind: 'failed'
  readonly error: AdapterError
}

/** What `allow` and `deny` may be told about keeping the answer. */
export interface CachingOptions {
  /** Milliseconds that the answer holds; 0 or more. Absent, and `validUses` too: no opinion. */
  validForMs?: number
  /**
   * How many requests may reuse the answer, up to 2^31 - 1; -1 (default when `validForMs` is given): no limit. Without
   * `validForMs` nobody said how long it holds, so that the combined answer is not kept.
   */
  validUses?: number
  /** `true`: the combined answer must not be kept. Default: `false`. */
  doNotCache?: boolean
  /** Keys for a later `invalidate`. Default: none. */
  cacheKeys?: readonly string[]
}

export interface AllowOptions extends CachingOptions {
  headers?: readonly HeaderOperation[]
  metadata?: Metadata
  output?: AttributeValues
}

export interface DenyOptions extends CachingOptions {
  /** An HTTP answer for the client. Default: the door derives one from the code. */
  direct?: Partial<DirectResponse>
  metadata?: Metadata
}

function cachingOf(options: CachingOptions): Caching {
  const { doNotCache, validForMs, validUses } = options
  if (doNotCache === true) return { kind: 'do-not-cache' }
  if (validForMs !== undefined) return { kind: 'valid', forMs: validForMs, uses: validUses ?? -1 }
  // A bound on uses alone is an opinion: "no opinion" would leave the answer to be used without any bound.
  return validUses === undefined ? { kind: 'no-opinion' } : { kind: 'do-not-cache' }
}

/** A verdict that lets the request pass. */
export function allow(options: AllowOptions = {}): Allow {
  return {
    kind: 'allow',
    caching: cachingOf(options),
    headers: options.headers ?? [],
    metadata: options.metadata ?? {},
    output: options.output ?? {},
    cacheKeys: options.cacheKeys ?? [],
  }
}

/**
 * A verdict that refuses the request, by the name or number of a status code.
 * @throws {TypeError} for a name that no code has, and for 0 and other numbers that cannot deny.
 */
export function deny(code: CodeName | number, message: string, options: DenyOptions = {}): Deny {
  const direct = options.direct
  return {
    kind: 'deny',
    code: denialCode(code),
    message,
    direct: direct && {
      httpStatus: direct.httpStatus ?? 0,
      body: direct.body ?? '',
      headers: direct.headers ?? [],
    },
    caching: cachingOf(options),
    metadata: options.metadata ?? {},
    cacheKeys: options.cacheKeys ?? [],
  }
}

function denialCode(code: CodeName | number): number {
  const number = typeof code === 'number' ? code : Code[code]
  if (number === undefined)
    throw new TypeError(`Cannot deny with ${JSON.stringify(code)}: no status code has that name`)
  if (Number.isInteger(number) && number > 0) return number
  throw new TypeError(`Cannot deny with the status code ${code}: it must be a whole number above 0`)
}
