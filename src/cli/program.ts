import { Command } from 'commander'
import { adapterCommand } from './commands/adapter.js'
import { benchCommand } from './commands/bench.js'
import { cacheCommand } from './commands/cache.js'
import { checkCommand } from './commands/check.js'
import { demoCommand } from './commands/demo.js'
import { evalCommand } from './commands/eval.js'
import { explainCommand } from './commands/explain.js'
import { probeCommand } from './commands/probe.js'
import { reportCommand } from './commands/report.js'
import { serveCommand } from './commands/serve.js'
import { statusCommand } from './commands/status.js'
import { validateCommand } from './commands/validate.js'
import { versionCommand } from './commands/version.js'
import { packageVersion } from './package-facts.js'
import type { Finish, Shell } from './shell.js'

const intro = `
Start here:
  outboard demo                         a host, two adapters, and requests through them
  outboard serve --config ./config      the host itself
  outboard check -f request.json        ask it as a proxy would

Each command explains itself: outboard serve --help`

/** The whole command line. Nothing but definitions is loaded here; a command loads its work when it runs. */
export function outboardProgram(shell: Shell, finish: Finish): Command {
  const program = new Command('outboard')
    .description('A Mixer-style host for policy and telemetry adapters that run as processes of their own.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain')
    .addHelpText('after', intro)
    .showSuggestionAfterError()
  const commands = [
    serveCommand,
    checkCommand,
    reportCommand,
    adapterCommand,
    validateCommand,
    explainCommand,
    evalCommand,
    statusCommand,
    cacheCommand,
    benchCommand,
    demoCommand,
    probeCommand,
    versionCommand,
  ]
  for (const command of commands) program.addCommand(command(shell, finish))
  return program
}
