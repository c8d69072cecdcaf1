/** What one message may hold, besides its size. More is answered with INVALID_ARGUMENT and counted. */
export interface MessageLimits {
  /** Words of one dictionary. Default: 20,000. */
  readonly maxWords: number
  /** Attributes of one set. Default: 2,000. */
  readonly maxAttributes: number
  /** Entries of one string map. Default: 5,000. */
  readonly maxMapEntries: number
  /** Quotas of one check. Default: 100. */
  readonly maxQuotas: number
  /** Attribute sets of one report. Default: 10,000. */
  readonly maxSets: number
}

export const defaultLimits: MessageLimits = {
  maxWords: 20_000,
  maxAttributes: 2_000,
  maxMapEntries: 5_000,
  maxQuotas: 100,
  maxSets: 10_000,
}
