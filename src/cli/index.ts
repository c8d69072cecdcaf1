import { type Command, CommanderError } from 'commander'
import { isCoded } from './coded-error.js'
import { CliError } from './errors.js'
import { Exit, type ExitCode } from './exit.js'
import { outboardProgram } from './program.js'
import { translateIstioFlags } from './serve/istio-flags.js'
import { processShell, type Shell } from './shell.js'

export { processShell, type Shell } from './shell.js'

/**
 * Runs one command line (without `node` and the script) and answers its exit code. Errors of the caller and of the
 * world are printed, one line each; only a defect of ours is thrown.
 */
export async function run(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  let code: ExitCode = Exit.done
  const program = outboardProgram(shell, finished => {
    code = finished
  })
  everyCommand(program, command => {
    command.exitOverride()
    command.configureOutput({ writeOut: text => shell.out(text), writeErr: text => shell.err(text) })
  })
  try {
    await program.parseAsync(
      args[0] === 'serve' || args[0] === 'server' ? translateIstioFlags(args) : [...args],
      {
        from: 'user',
      },
    )
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.done : Exit.usage
    if (!isCoded(error)) throw error
    shell.err(`outboard: ${error.message} (${error.code})\n`)
    return error instanceof CliError && error.isUsage ? Exit.usage : Exit.failed
  }
}

function everyCommand(command: Command, act: (command: Command) => void): void {
  act(command)
  for (const inner of command.commands) everyCommand(inner, act)
}
