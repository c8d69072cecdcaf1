import { stat } from 'node:fs/promises'
import { Command } from 'commander'
import { Exit } from '../exit.js'
import { durationMs } from '../numbers.js'
import type { Finish, Shell } from '../shell.js'

/** The probe file's age may be this much more than the interval. Source: reference server-cli, section 1. */
const slackMs = 10

export function probeCommand(shell: Shell, finish: Finish): Command {
  return new Command('probe')
    .description('check a probe file: exit code 0 when it was touched within the interval')
    .requiredOption('--probe-path <file>', 'the file')
    .requiredOption('--interval <duration>', 'how fresh it must be')
    .addHelpText('after', '\nExample:\n  outboard probe --probe-path /run/outboard/ready --interval 5s')
    .action(async ({ probePath, interval }: { probePath: string; interval: string }) => {
      const allowedMs = durationMs('--interval', interval) + slackMs
      const problem = await stat(probePath).then(
        ({ mtimeMs }) => (Date.now() - mtimeMs > allowedMs ? 'was not touched in time' : undefined),
        () => 'is not there',
      )
      if (problem === undefined) shell.out('OK\n')
      else shell.err(`outboard: the probe file ${probePath} ${problem}\n`)
      finish(problem === undefined ? Exit.done : Exit.failed)
    })
}
