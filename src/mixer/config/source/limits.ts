/** Bounds on what is read. What goes beyond them is a problem of the configuration, never of the process. */
export interface SourceLimits {
  /** One file, bytes. Default: 4 MiB. */
  readonly maxFileBytes: number
  /** Files of one folder. Default: 10,000. */
  readonly maxFiles: number
  /** Documents of one load, all files together. Default: 100,000. */
  readonly maxDocuments: number
  /** Maps and lists within each other. Default: 64. */
  readonly maxDepth: number
  /** Nodes that aliases may add to one document. Default: 10,000. */
  readonly maxAliasNodes: number
}

export const defaultLimits: SourceLimits = {
  maxFileBytes: 4 * 1024 * 1024,
  maxFiles: 10_000,
  maxDocuments: 100_000,
  maxDepth: 64,
  maxAliasNodes: 10_000,
}
