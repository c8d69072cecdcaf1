/** What a client has counted since it was made. */
export interface MixerClientStatistics {
  /** Checks asked of the client. */
  checks: number
  /** Verdicts found in the cache: allowed, denied. */
  checkCacheAllowed: number
  checkCacheDenied: number
  checkCacheMisses: number
  /** Verdicts that left the cache because it was full. */
  checkCacheEvictions: number
  /** Requirements of quotas: passed and rejected from a stock, and those that waited for the server. */
  quotaCachePassed: number
  quotaCacheRejected: number
  quotaCacheMisses: number
  /** Calls that only fetch quota ahead. */
  quotaPrefetchCalls: number
  /** Checks sent, with prefetches, without retries. */
  remoteChecks: number
  remoteRetries: number
  /** What came of each call, retries counted: answers, DEADLINE_EXCEEDED, UNAVAILABLE, CANCELLED, everything else. */
  remoteAnswers: number
  remoteTimeouts: number
  remoteSendErrors: number
  remoteCancelled: number
  remoteOtherErrors: number
  /** Checks without an answer, by what the fail policy made of them. */
  failedOpen: number
  failedClosed: number
  /** How often the server turned out to know fewer words. */
  dictionaryFallbacks: number
  /** Entries given to `report`. */
  reports: number
  reportCalls: number
  reportsDelivered: number
  /** Entries lost because too many waited, the call failed, they could not be encoded, or the client was closed. */
  reportsLostFull: number
  reportsLostFailed: number
  reportsLostUnencodable: number
  reportsLostClosed: number
}

export function noStatistics(): MixerClientStatistics {
  return {
    checks: 0,
    checkCacheAllowed: 0,
    checkCacheDenied: 0,
    checkCacheMisses: 0,
    checkCacheEvictions: 0,
    quotaCachePassed: 0,
    quotaCacheRejected: 0,
    quotaCacheMisses: 0,
    quotaPrefetchCalls: 0,
    remoteChecks: 0,
    remoteRetries: 0,
    remoteAnswers: 0,
    remoteTimeouts: 0,
    remoteSendErrors: 0,
    remoteCancelled: 0,
    remoteOtherErrors: 0,
    failedOpen: 0,
    failedClosed: 0,
    dictionaryFallbacks: 0,
    reports: 0,
    reportCalls: 0,
    reportsDelivered: 0,
    reportsLostFull: 0,
    reportsLostFailed: 0,
    reportsLostUnencodable: 0,
    reportsLostClosed: 0,
  }
}
