import { Command } from 'commander'
import { withCallFlags } from '../mixer-client/flags.js'
import type { ReportFlags } from '../mixer-client/run-report.js'
import type { Finish, Shell } from '../shell.js'

const examples = `
Examples:
  outboard report -s destination.namespace=shop -i response.code=200,response.size=512
  outboard report -f requests.json
  outboard report -f request.json --repeat 10000 --report-batch-size 100

A file holds one object of attributes, or an array of them.`

export function reportCommand(shell: Shell, finish: Finish): Command {
  return withCallFlags(
    new Command('report').description('tell a host about requests, as a proxy would afterwards'),
  )
    .option('--report_batch_size, --report-batch-size <n>', 'attribute sets in one call', '1')
    .addHelpText('after', examples)
    .action(async (flags: ReportFlags) => {
      const { runReport } = await import('../mixer-client/run-report.js')
      finish(await runReport(shell, flags))
    })
}
