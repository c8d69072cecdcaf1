import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CliError } from '../../cli/errors.js'
import type { Result } from '../rounds/result.js'
import { comparison } from './changes.js'
import { printComparison } from './changes-text.js'
import { htmlPage } from './html/page.js'
import { readResult, writeResult } from './result-file.js'
import { printResult } from './tables.js'

/** Where a result is wanted; every benchmark has these options. */
export interface DeliveryFlags {
  /** File for the whole result; `-`: standard output, instead of the tables. */
  readonly json?: string | undefined
  /** File for the page. */
  readonly html?: string | undefined
  /** A result kept earlier: only what changed beyond noise is printed. */
  readonly baseline?: string | undefined
  /** File to keep the result in, as a later `baseline`. */
  readonly keep?: string | undefined
}

/** The same, found to be possible. */
export interface Delivery {
  readonly json: string | undefined
  readonly html: string | undefined
  readonly keep: string | undefined
  readonly before: Result | undefined
}

/**
 * Looks at everything that can go wrong with a delivery before there is anything to deliver.
 * @throws {CliError} `CLI_FILE_UNREADABLE`, or `CLI_BAD_OPTION` when the baseline is of another kind
 */
export function prepareDelivery(
  { json, html, baseline, keep }: DeliveryFlags,
  about: Pick<Result, 'kind' | 'options'>,
): Delivery {
  for (const [option, file] of Object.entries({ html, keep }))
    if (file === '-') throw new CliError('CLI_BAD_OPTION', `--${option} wants a file, not -`)
  for (const file of [json, html, keep]) if (file !== undefined && file !== '-') checkWritable(file)
  const before = baseline === undefined ? undefined : readResult(baseline)
  if (before !== undefined) checkComparable(baseline ?? '', before, about)
  return { json, html, keep, before }
}

export function deliver(
  result: Result,
  { json, html, before, keep }: Delivery,
  out: (text: string) => void,
): void {
  const changes = before && comparison(before, result)
  const whole = changes === undefined ? result : { ...result, comparison: changes }
  if (keep !== undefined) writeResult(keep, result)
  if (json !== undefined && json !== '-') writeResult(json, whole)
  if (html !== undefined) writeFileSync(html, htmlPage(result))
  if (json === '-') out(`${JSON.stringify(whole, undefined, 1)}\n`)
  else out(changes === undefined ? printResult(result) : printComparison(changes))
}

function checkWritable(file: string): void {
  try {
    if (existsSync(file)) {
      if (statSync(file).isDirectory()) throw new Error('it is a folder')
      accessSync(file, constants.W_OK)
    } else accessSync(dirname(file), constants.W_OK)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('CLI_FILE_UNREADABLE', `Cannot write to ${file}: ${why}`, { cause })
  }
}

/** Rows of one name are not one thing when they were measured by another door, say. */
function checkComparable(
  file: string,
  before: Pick<Result, 'kind' | 'options'>,
  now: Pick<Result, 'kind' | 'options'>,
): void {
  const refuse = (what: string, was: string, is: string) => {
    throw new CliError(
      'CLI_BAD_OPTION',
      `Cannot compare with ${file}: its ${what} is "${was}", that of this one is "${is}"`,
    )
  }
  if (before.kind !== now.kind) refuse('benchmark', before.kind, now.kind)
  for (const name of new Set([...Object.keys(before.options), ...Object.keys(now.options)])) {
    const [was = 'not known', is = 'not known'] = [before.options[name], now.options[name]]
    if (was !== is) refuse(name, was, is)
  }
}
