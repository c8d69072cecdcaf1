import { Command } from 'commander'
import { exitCodesHelp } from '../exit.js'
import { withCallFlags } from '../mixer-client/flags.js'
import type { CheckFlags } from '../mixer-client/run-check.js'
import type { Finish, Shell } from '../shell.js'

const examples = `
Examples:
  outboard check -s destination.namespace=shop,request.path=/cart
  outboard check -f request.json -q requestcount=1
  outboard check -f request.json --repeat 1000 --concurrency 16

A file holds {"name": value}: text, numbers, booleans, and objects of texts. Istio's times,
durations and addresses (request.time, response.duration, source.ip …) are written as text.

${exitCodesHelp}`

export function checkCommand(shell: Shell, finish: Finish): Command {
  return withCallFlags(
    new Command('check').description('ask a host as a proxy would: may this request pass?'),
  )
    .option(
      '-q, --quotas <list>',
      'quotas to charge, name=amount,…',
      (value: string, before: string[] = []) => [...before, value],
    )
    .option('--all-or-nothing', 'do not accept a part of a quota')
    .option('--deduplication-id <id>', 'the same id is charged once; default: a new one for each call')
    .addHelpText('after', examples)
    .action(async (flags: CheckFlags) => {
      const { runCheck } = await import('../mixer-client/run-check.js')
      finish(await runCheck(shell, flags))
    })
}
