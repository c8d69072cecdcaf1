import { Command } from 'commander'
import { Exit } from '../exit.js'
import type { Finish, Shell } from '../shell.js'
import { adminFlag } from './admin-flag.js'

const examples = `
Examples:
  outboard status
  outboard status --admin 127.0.0.1:15014 --json | jq .handlers

Exit code 0 when the host is ready for requests, 1 when it is not or cannot be asked.`

export function statusCommand(shell: Shell, finish: Finish): Command {
  return new Command('status')
    .description('show a running host: configuration in force, doors, handlers and their endpoints')
    .addOption(adminFlag())
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async ({ admin, json }: { admin: string; json?: boolean }) => {
      const { askAdmin } = await import('../admin-client.js')
      const readiness = await askAdmin(admin, 'GET', '/readyz')
      const status = await askAdmin(admin, 'GET', '/status')
      if (json === true) shell.out(`${JSON.stringify(status.body, undefined, 2)}\n`)
      else {
        const { printStatus } = await import('../print-status.js')
        shell.out(printStatus(status.body, readiness.body))
      }
      finish(readiness.status === 200 ? Exit.done : Exit.failed)
    })
}
