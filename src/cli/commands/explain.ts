import { Command } from 'commander'
import type { Finish, Shell } from '../shell.js'

const examples = `
Example:
  outboard explain --attributes examples/requests/alice.json examples/config

The file holds one object of attribute names and values, as for "outboard check" and "outboard eval".`

interface ExplainFlags {
  readonly attributes: string
  readonly json?: boolean
  readonly configDefaultNamespace: string
}

export function explainCommand(shell: Shell, finish: Finish): Command {
  return new Command('explain')
    .description('which rules apply to a request and why not, and what would go to which handler')
    .argument('<path>', 'the configuration: a folder of YAML documents, or one file')
    .requiredOption('--attributes <file>', 'the request: attribute names and values, JSON or YAML')
    .option('--json', 'print JSON')
    .option(
      '--config-default-namespace <name>',
      'the namespace whose rules apply to every request',
      'istio-system',
    )
    .addHelpText('after', examples)
    .action(async (path: string, { attributes, json, configDefaultNamespace }: ExplainFlags) => {
      const { runExplain } = await import('../explain.js')
      const { languageOverride } = await import('../language.js')
      const language = languageOverride(shell.env)
      const options = { path, attributesFile: attributes, json: json === true, language }
      finish(await runExplain({ ...options, defaultNamespace: configDefaultNamespace }, shell))
    })
}
