/** `istio.mixer.v1.CheckResponse`, as a client sees it. */
export interface ClientAnswer {
  /** undefined: the answer has no `precondition`, which a proxy takes for a denial. */
  readonly precondition: Precondition | undefined
  readonly quotas: ReadonlyMap<string, QuotaResult>
}

/** The verdict of an answer. */
export interface Precondition {
  /** 0: allowed; every other code of `google.rpc.Code` is a denial. */
  readonly code: number
  readonly message: string
  /** undefined: not there, so that the verdict never expires. */
  readonly validForMs: number | undefined
  /** Uses beside the first. Below 0: without limit; 0: not reusable. */
  readonly validUses: number
  readonly references: readonly AttributeReference[]
  readonly directive: Directive | undefined
}

/** What was granted of one quota. */
export interface QuotaResult {
  readonly code: number
  readonly message: string
  readonly amount: bigint
  /** undefined: not there. */
  readonly validForMs: number | undefined
  readonly references: readonly AttributeReference[]
}

/** An attribute, or a key of a string map, that an answer depends on. */
export interface AttributeReference {
  /** undefined: the number of the attribute, or of the key, is in neither dictionary. */
  readonly name: string | undefined
  /** undefined: no key (or key 0, which says the same). */
  readonly mapKey: string | undefined
  readonly condition: 'ABSENCE' | 'EXACT' | 'REGEX' | 'UNSPECIFIED'
}

/** What a proxy is to do with the HTTP request and its response. */
export interface Directive {
  /** For the request that is passed on, in order. */
  readonly request: readonly ClientHeaderOperation[]
  /** For the response, in order. */
  readonly response: readonly ClientHeaderOperation[]
  /** Not 0: answer at once with this HTTP status and body, whatever the verdict. */
  readonly directStatus: number
  readonly directBody: string
}

export interface ClientHeaderOperation {
  readonly operation: 'replace' | 'remove' | 'append'
  readonly name: string
  readonly value: string
}
