import { Command, CommanderError } from 'commander'
import type { BenchContext, ExitCode } from './commands/context.js'
import { figuresCommand } from './commands/figures.js'
import { istioShapeCommand } from './commands/istio-shape.js'
import { placementsCommand } from './commands/placements.js'
import { profileCommand } from './commands/profile.js'
import { scaleCommand } from './commands/scale.js'
import { showCommand } from './commands/show.js'
import { targetCommand } from './commands/target.js'

const about = `
Measures on this machine, with processes of its own: hosts, adapters and load. Close to nothing else should run meanwhile.
docs/performance.md has the method, and what was measured.`

const commands = [
  placementsCommand,
  istioShapeCommand,
  targetCommand,
  scaleCommand,
  figuresCommand,
  profileCommand,
  showCommand,
]

/**
 * Runs one benchmark: the arguments behind `outboard bench`. Answers the exit code: 0 done, 1 without any result,
 * 2 called wrongly.
 * @throws {CliError} or {ProcessError} when it could not be done
 */
export async function runBench(
  args: readonly string[],
  out: BenchContext['out'] = text => process.stdout.write(text),
): Promise<number> {
  let ended: ExitCode = 0
  const context: BenchContext = {
    out,
    ended: code => {
      ended = code
    },
    progress: process.stderr,
    command: ['outboard bench', ...args.map(quoted)].join(' '),
    now: () => new Date().toISOString(),
  }
  const program = new Command('outboard bench')
    .description('what does an adapter out of process cost, here and against others?')
    .addHelpText('after', about)
    .exitOverride()
  for (const command of commands) program.addCommand(command(context).exitOverride())
  try {
    await program.parseAsync([...args], { from: 'user' })
    return ended
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
}

/** As a POSIX shell reads it as one word. */
function quoted(word: string): string {
  return /^[\w%+,./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
