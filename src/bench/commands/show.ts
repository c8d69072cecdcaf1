import { readFileSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { deliver } from '../report/deliver.js'
import { withResult } from '../report/markdown.js'
import { readResult } from '../report/result-file.js'
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
      if (into !== undefined) writeFileSync(into, withResult(readFileSync(into, 'utf8'), result))
      deliver(result, { html, baseline, json: undefined, keep: undefined }, out)
    })
}
