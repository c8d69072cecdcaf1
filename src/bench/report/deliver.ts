import { writeFileSync } from 'node:fs'
import type { Result } from '../rounds/result.js'
import { printChanges } from './changes.js'
import { htmlPage } from './html/page.js'
import { readResult, writeResult } from './result-file.js'
import { printResult } from './tables.js'

/** Where a result goes; every benchmark has these options. */
export interface Delivery {
  /** File for the whole result; `-`: standard output, instead of the tables. */
  readonly json: string | undefined
  /** File for the page. */
  readonly html: string | undefined
  /** A result kept earlier: only what changed beyond noise is printed. */
  readonly baseline: string | undefined
  /** File to keep the result in, as a later `baseline`. */
  readonly keep: string | undefined
}

export function deliver(
  result: Result,
  { json, html, baseline, keep }: Delivery,
  out: (text: string) => void,
): void {
  // Read before anything is written: both may be the same file.
  const before = baseline === undefined ? undefined : readResult(baseline)
  for (const file of [json, keep]) if (file !== undefined && file !== '-') writeResult(file, result)
  if (html !== undefined) writeFileSync(html, htmlPage(result))
  if (json === '-') out(`${JSON.stringify(result, undefined, 1)}\n`)
  else if (before !== undefined) out(printChanges(before, result))
  else out(printResult(result))
}
