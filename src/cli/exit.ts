/** What a command's exit code says. The same for every command. */
export const Exit = {
  /** Done; for `check`: allowed, and every quota granted something. */
  done: 0,
  /** It could not be done: unreachable, refused, or an RPC error. */
  failed: 1,
  /** The command was called wrongly. */
  usage: 2,
  /** `check`: denied. */
  denied: 3,
  /** `check`: allowed, but a quota is exhausted. */
  exhausted: 4,
} as const

export type ExitCode = (typeof Exit)[keyof typeof Exit]

/** For `--help`. */
export const exitCodesHelp = `Exit codes:
  0  done; check: allowed, and every quota granted something
  1  could not be done: unreachable, refused, or an RPC error
  2  called wrongly
  3  check: denied
  4  check: allowed, but a quota is exhausted`
