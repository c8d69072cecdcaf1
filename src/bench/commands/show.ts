import { Command } from 'commander'
import { deliver } from '../report/deliver.js'
import { readResult } from '../report/result-file.js'
import type { BenchContext } from './context.js'

interface ShowFlags {
  readonly html?: string
  readonly baseline?: string
}

export function showCommand({ out }: BenchContext): Command {
  return new Command('show')
    .description('print a result that was kept, without measuring anything')
    .argument('<file>', 'the result')
    .option('--html <file>', 'write its page')
    .option('--baseline <file>', 'print only what differs beyond noise from this older result')
    .action((file: string, { html, baseline }: ShowFlags) =>
      deliver(readResult(file), { html, baseline, json: undefined, keep: undefined }, out),
    )
}
