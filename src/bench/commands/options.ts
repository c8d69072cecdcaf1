import { type Command, InvalidArgumentError } from 'commander'
import type { Delivery } from '../report/deliver.js'

/** What commander makes of the options that every benchmark has. */
export interface CommonFlags {
  readonly rounds: number
  readonly seconds: number
  readonly quick?: boolean
  readonly json?: string
  readonly html?: string
  readonly baseline?: string
  readonly keep?: string
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

export function deliveryOf({ json, html, baseline, keep }: CommonFlags): Delivery {
  return { json, html, baseline, keep }
}

export function wholeNumber(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= 1 && value <= 1_000_000))
    throw new InvalidArgumentError('wanted a whole number from 1 to 1000000')
  return value
}

export function positiveNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 3_600)) throw new InvalidArgumentError('wanted a number above 0, at most 3600')
  return value
}

export function wholeNumbers(text: string): number[] {
  return text.split(',').map(wholeNumber)
}
