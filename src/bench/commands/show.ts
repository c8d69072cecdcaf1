import { readFileSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { CliError } from '../../cli/errors.js'
import { deliver, prepareDelivery } from '../report/deliver.js'
import { withResult } from '../report/markdown.js'
import { readResult } from '../report/result-file.js'
import type { Result } from '../rounds/result.js'
import type { BenchContext } from './context.js'

interface ShowFlags {
  readonly html?: string
  readonly baseline?: string
  readonly into?: string
}

const examples = `
Example: make the tables of docs/performance.md anew
  outboard bench figures --keep docs/performance/result.json
  outboard bench show docs/performance/result.json --into docs/performance.md`

export function showCommand({ out }: BenchContext): Command {
  return new Command('show')
    .description('print a result that was kept, without measuring anything')
    .argument('<file>', 'the result')
    .option('--html <file>', 'write its page')
    .option('--baseline <file>', 'print only what differs beyond noise from this older result')
    .option('--into <file>', 'put its tables into a document, between the marks that are there')
    .addHelpText('after', examples)
    .action((file: string, { html, baseline, into }: ShowFlags) => {
      const result = readResult(file)
      const delivery = prepareDelivery({ html, baseline }, result)
      if (into !== undefined) putInto(into, result)
      deliver(result, delivery, out)
    })
}

/** @throws {CliError} `CLI_FILE_UNREADABLE` when it cannot be read, or has no marks */
function putInto(document: string, result: Result): void {
  try {
    writeFileSync(document, withResult(readFileSync(document, 'utf8'), result))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('CLI_FILE_UNREADABLE', `Cannot put tables into ${document}: ${why}`, { cause })
  }
}
