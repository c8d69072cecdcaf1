import { CliError } from './errors.js'

/** A whole number within bounds. @throws {CliError} `CLI_BAD_OPTION` */
export function wholeNumber(
  name: string,
  text: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) {
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
    throw new CliError('CLI_BAD_OPTION', `Cannot use ${name} "${text}": wanted a whole number ${range}`)
  }
  return value
}

/** A number within bounds. @throws {CliError} `CLI_BAD_OPTION` */
export function decimalNumber(name: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!(value >= least && value <= most))
    throw new CliError(
      'CLI_BAD_OPTION',
      `Cannot use ${name} "${text}": wanted a number from ${least} to ${most}`,
    )
  return value
}

const unitMs = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** Milliseconds of `250ms`, `10s`, `2m`, `1h`. @throws {CliError} `CLI_BAD_OPTION` */
export function durationMs(name: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text)
  if (text === '0') return 0
  const unit = unitMs.get(match?.[2] ?? '')
  if (match === null || unit === undefined)
    throw new CliError(
      'CLI_BAD_OPTION',
      `Cannot use ${name} "${text}": wanted a duration such as 250ms, 10s or 2m`,
    )
  return Number(match[1]) * unit
}
