/**
 * Why a command could not do its work.
 * - `CLI_USAGE`: unknown command or flag, or a missing argument
 * - `CLI_BAD_OPTION`: a flag, environment variable or config file field has a value that it cannot have
 * - `CLI_BAD_ATTRIBUTE`: an attribute cannot be read
 * - `CLI_FILE_UNREADABLE`: a file is missing, cannot be read, or is not what it should be
 * - `CLI_UNREACHABLE`: the other side does not answer
 * - `CLI_ADDRESS_IN_USE`: someone else listens there
 * - `CLI_UNKNOWN_ADAPTER`: no adapter has that name
 * - `CLI_CONFIG_REFUSED`: the configuration does not load
 * - `CLI_NOT_READY`: the host did not become ready in time
 */
export const cliCodes = [
  'CLI_USAGE',
  'CLI_BAD_OPTION',
  'CLI_BAD_ATTRIBUTE',
  'CLI_FILE_UNREADABLE',
  'CLI_UNREACHABLE',
  'CLI_ADDRESS_IN_USE',
  'CLI_UNKNOWN_ADAPTER',
  'CLI_CONFIG_REFUSED',
  'CLI_NOT_READY',
] as const
export type CliCode = (typeof cliCodes)[number]

/** A command's end without its work done: printed as `outboard: <message> (<code>)`. */
export class CliError extends Error {
  override readonly name = 'CliError'
  constructor(
    readonly code: CliCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  /** A wrong call of the command, rather than a command that failed. */
  get isUsage(): boolean {
    return this.code === 'CLI_USAGE' || this.code === 'CLI_BAD_OPTION' || this.code === 'CLI_BAD_ATTRIBUTE'
  }
}
