import { Command } from 'commander'
import type { Finish, Shell } from '../shell.js'

export function demoCommand(shell: Shell, finish: Finish): Command {
  return new Command('demo')
    .description(
      'see it work: a host, two adapters as processes of their own, and requests through the real door',
    )
    .option('--once', 'end after the show')
    .action(async ({ once }: { once?: boolean }) => {
      const { runDemo } = await import('../demo/run.js')
      finish(await runDemo(shell, { once: once === true }))
    })
}
