import { type Command, InvalidArgumentError } from 'commander'
import type { DeliveryFlags } from '../report/deliver.js'

/** What commander makes of the options that every benchmark has. */
export interface CommonFlags extends DeliveryFlags {
  readonly rounds: number
  readonly seconds: number
  readonly quick?: boolean
}

export interface CommonDefaults {
  readonly rounds: number
  readonly seconds: number
}

/** Adds the options that every benchmark has. */
export function withCommonOptions(command: Command, { rounds, seconds }: CommonDefaults): Command {
  return command
    .option('--rounds <n>', 'measurements of each row, in turn with the others', wholeNumber, rounds)
    .option('--seconds <s>', 'length of one measurement', positiveNumber, seconds)
    .option('--quick', 'shorter and fewer: shows that it works, not how fast')
    .option('--json <file>', 'write everything that was measured; -: to standard output, instead of tables')
    .option('--html <file>', 'write a page with curves')
    .option('--keep <file>', 'keep the result, to compare with later')
    .option('--baseline <file>', 'print only what changed beyond noise since a kept result')
}

/** A whole number from 1 to `most`. */
function upTo(most: number): (text: string) => number {
  return text => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= 1 && value <= most))
      throw new InvalidArgumentError(`wanted a whole number from 1 to ${most}`)
    return value
  }
}

export const wholeNumber = upTo(1_000_000)
/** More than a server takes from one client tell nothing. */
export const connectionCount = upTo(1_000)

const processId = upTo(4_194_304) // the most that Linux gives away

export function processIds(text: string): number[] {
  return text.split(',').map(processId)
}

/** Names of a list, all of them known. */
export function namesOf(known: readonly string[]): (text: string) => string[] {
  return text => {
    const names = text.split(',')
    const strange = names.find(name => !known.includes(name))
    if (strange !== undefined)
      throw new InvalidArgumentError(`there is no "${strange}"; there are: ${known.join(', ')}`)
    return names
  }
}

export function positiveNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 3_600)) throw new InvalidArgumentError('wanted a number above 0, at most 3600')
  return value
}

export function wholeNumbers(text: string): number[] {
  return text.split(',').map(wholeNumber)
}
