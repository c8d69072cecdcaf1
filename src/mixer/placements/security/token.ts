/** The secret that a call or a session carries. */
export interface TokenSource {
  /** Metadata key, lower case. */
  readonly header: string
  /**
   * The header's value: at once when it is known, a promise when it has to be fetched.
   * @throws {AdapterError} `ADAPTER_UNAVAILABLE` (or rejects with it) when there is no token.
   */
  value(): string | Promise<string>
}
