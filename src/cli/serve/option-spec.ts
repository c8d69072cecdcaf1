import { CliError } from '../errors.js'
import { wholeNumber } from '../numbers.js'

/** One option of the host: the same under a flag, in the environment, and in the settings file. */
export interface OptionSpec<T> {
  /** Commander's form, `--drain-timeout <duration>`. */
  readonly flag: string
  /** Meaning, unit and limits. */
  readonly help: string
  /** As it would be written on the command line; empty: unset. */
  readonly fallback: string
  /** Reads the text. `name` is how the user gave it, for the error. */
  readonly parse: (name: string, text: string) => T
}

export function option<T>(
  flag: string,
  help: string,
  fallback: string,
  parse: OptionSpec<T>['parse'],
): OptionSpec<T> {
  return { flag, help, fallback, parse }
}

export const text = (_: string, given: string): string => given
export const maybeText = (_: string, given: string): string | undefined => (given === '' ? undefined : given)

export const whole =
  (least: number, most?: number) =>
  (name: string, given: string): number =>
    wholeNumber(name, given, least, most)

export const maybeWhole =
  (least: number, most?: number) =>
  (name: string, given: string): number | undefined =>
    given === '' ? undefined : wholeNumber(name, given, least, most)

/** A word out of a few. */
export function oneOf<const Word extends string>(...words: readonly Word[]) {
  return (name: string, given: string): Word => {
    const word = words.find(known => known === given)
    if (word === undefined)
      throw new CliError('CLI_BAD_OPTION', `Cannot use ${name} "${given}": wanted ${words.join(' or ')}`)
    return word
  }
}
