import { Command } from 'commander'
import { CliError } from '../errors.js'
import { Exit } from '../exit.js'
import type { Finish, Shell } from '../shell.js'

const examples = `
Examples:
  outboard bench placements --quick
  outboard bench placements --help

Its own commands explain themselves.`

/** Not part of the published package's start-up: loaded when asked for, wherever it is. */
const benchModule = '../../bench/index.js'

export function benchCommand(shell: Shell, finish: Finish): Command {
  return new Command('bench')
    .description('measure: what does an adapter out of process cost, here and against others?')
    .argument('[args...]', 'a benchmark and its options')
    .helpOption(false)
    .allowUnknownOption()
    .addHelpText('after', examples)
    .action(async (args: readonly string[]) => {
      const module: unknown = await import(benchModule).catch((cause: unknown) => {
        throw new CliError('CLI_USAGE', 'This installation has no benchmarks', { cause })
      })
      const code = await benchOf(module)(args, text => shell.out(text))
      finish(code === 0 ? Exit.done : code === 2 ? Exit.usage : Exit.failed)
    })
}

type RunBench = (args: readonly string[], out: (text: string) => void) => Promise<unknown>

function benchOf(module: unknown): RunBench {
  if (typeof module === 'object' && module !== null && 'runBench' in module) {
    const { runBench } = module
    if (typeof runBench === 'function') return async (args, out) => runBench(args, out)
  }
  throw new CliError('CLI_USAGE', 'This installation has no benchmarks')
}
