import { Command, Option } from 'commander'
import { serveOptions } from '../serve/option-table.js'
import { optionNames, variableOf } from '../serve/resolve.js'
import type { Finish, Shell } from '../shell.js'

const examples = `
Examples:
  outboard serve --config ./config
  outboard serve --config ./config --address unix:///run/outboard.sock --log-level debug
  OUTBOARD_CONFIG=./config OUTBOARD_ADMIN=off outboard serve
  outboard serve --settings outboard.yaml        # the same names: config: ./config

A flag is stronger than its variable, a variable than the settings file, the file than the
default. The flags of Istio's "mixs server" are understood where they mean the same.

SIGTERM and SIGINT drain: /readyz says 503, nothing new is taken, requests under way finish, queued
reports are delivered. A second signal stops at once.`

export function serveCommand(shell: Shell, finish: Finish): Command {
  const command = new Command('serve').alias('server').description('run the host')
  for (const name of optionNames()) {
    const { flag, help, fallback } = serveOptions[name]
    const standard = fallback === '' ? '' : `; default ${fallback}`
    command.addOption(new Option(flag, `${help} (${variableOf(name)}${standard})`))
  }
  return command
    .option('--settings <file>', 'a YAML or JSON file with any of these options (OUTBOARD_SETTINGS)')
    .addHelpText('after', examples)
    .action(async ({ settings, ...flags }: Record<string, unknown>) => {
      const { resolveServeOptions } = await import('../serve/resolve.js')
      const settingsFile = typeof settings === 'string' ? settings : undefined
      const options = resolveServeOptions({ flags, env: shell.env, settingsFile })
      const { runServe } = await import('../serve/run.js')
      finish(await runServe(shell, options))
    })
}
