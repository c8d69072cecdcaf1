/**
 * What the sender of a hello is ready to receive. Each side announces its own; the other keeps to it. A limit that is
 * not announced (0 on the wire) has the default below.
 */
export interface Limits {
  /** Bytes of one frame (one gRPC message). Default: 1,048,576. */
  readonly frameBytes: number
  /** Calls or results in one frame. Default: 4,096. */
  readonly batchItems: number
  /** Instances in one report call. Default: 1,024. Said by the adapter. */
  readonly instancesPerCall: number
  /** Bytes of the instances of calls without a result; a call beyond fails with ADAPTER_OVERLOADED. Default: 16 MiB. */
  readonly bytesInFlight: number
  /** Handlers (each generation counts) open at once. Default: 1,024. Said by the adapter. */
  readonly handlers: number
  /** Bytes of one handler's settings as JSON. Default: 262,144. Said by the adapter. */
  readonly settingsBytes: number
  /** Header operations of one answer, and headers of a direct response. Default: 64. Said by the host, as all below. */
  readonly headerOperations: number
  /** Bytes of a header's name and value together. Default: 8,192. */
  readonly headerBytes: number
  /** Bytes of a direct response's body. Default: 65,536. */
  readonly bodyBytes: number
  /** Metadata entries of one answer. Default: 64. */
  readonly metadataEntries: number
  /** Bytes of an answer's output message. Default: 65,536. */
  readonly outputBytes: number
  /** Cache keys of one answer, and keys of one invalidate frame. Default: 16. */
  readonly cacheKeys: number
  /** Bytes of one cache key. Default: 256. */
  readonly cacheKeyBytes: number
  /** Bytes of a status, failure or log message; senders shorten it. Default: 4,096. */
  readonly messageBytes: number
  /** Log frames a second; the sender drops what is more, and says how many. Default: 50. */
  readonly logsPerSecond: number
}

/** The limits of a side that announces none. */
export const defaultLimits: Limits = {
  frameBytes: 1_048_576,
  batchItems: 4_096,
  instancesPerCall: 1_024,
  bytesInFlight: 16_777_216,
  handlers: 1_024,
  settingsBytes: 262_144,
  headerOperations: 64,
  headerBytes: 8_192,
  bodyBytes: 65_536,
  metadataEntries: 64,
  outputBytes: 65_536,
  cacheKeys: 16,
  cacheKeyBytes: 256,
  messageBytes: 4_096,
  logsPerSecond: 50,
}

/** The smallest `frameBytes` that a session can do with: every frame that has to be sent, but for the hello, fits into it. */
export const smallestFrameBytes = 16_384

/** The largest value that any limit may have; greater ones on the wire are read as this. */
export const largestLimit = 1_073_741_824

/** Each limit with its field number in `Limits`, in the order of the numbers. */
export const limitFields: readonly (readonly [name: keyof Limits, number: number])[] = [
  ['frameBytes', 1],
  ['batchItems', 2],
  ['instancesPerCall', 3],
  ['bytesInFlight', 4],
  ['handlers', 5],
  ['settingsBytes', 6],
  ['headerOperations', 7],
  ['headerBytes', 8],
  ['bodyBytes', 9],
  ['metadataEntries', 10],
  ['outputBytes', 11],
  ['cacheKeys', 12],
  ['cacheKeyBytes', 13],
  ['messageBytes', 14],
  ['logsPerSecond', 15],
]

/**
 * Limits complete with defaults.
 * @throws {RangeError} when one is not an integer from 1 to {@link largestLimit}.
 */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  for (const [name] of limitFields) {
    const value = given[name]
    if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= largestLimit)) {
      throw new RangeError(`Limit ${name} must be an integer from 1 to ${largestLimit}, not ${value}`)
    }
  }
  return { ...defaultLimits, ...given }
}
