import { Command, Option } from 'commander'
import { Exit } from '../exit.js'
import { packageVersion } from '../package-facts.js'
import type { Finish, Shell } from '../shell.js'

export function versionCommand(shell: Shell, finish: Finish): Command {
  return new Command('version')
    .description('print what runs')
    .option('-s, --short', 'the version alone')
    .addOption(new Option('-o, --output <form>', 'for programs').choices(['json', 'yaml']))
    .action(({ short, output }: { short?: boolean; output?: 'json' | 'yaml' }) => {
      const version = packageVersion()
      const facts = { version, node: process.versions.node, platform: `${process.platform}-${process.arch}` }
      if (output === 'json') shell.out(`${JSON.stringify(facts)}\n`)
      else if (output === 'yaml')
        shell.out(
          Object.entries(facts)
            .map(([key, value]) => `${key}: ${value}\n`)
            .join(''),
        )
      else
        shell.out(
          short === true ? `${version}\n` : `outboard ${version} (Node ${facts.node}, ${facts.platform})\n`,
        )
      finish(Exit.done)
    })
}
