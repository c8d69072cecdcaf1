import { Command } from 'commander'
import type { Finish, Shell } from '../shell.js'

const examples = `
Examples:
  outboard validate ./config
  outboard validate ./config --json | jq .problems
  outboard validate ./config --ask-adapters      # adapters that only an address is given of are asked

Exit code 0: the host would take it; 1: it would not, and every problem is printed with its place.`

interface ValidateFlags {
  readonly json?: boolean
  readonly configDefaultNamespace: string
  readonly askAdapters?: boolean
}

export function validateCommand(shell: Shell, finish: Finish): Command {
  return new Command('validate')
    .description('look at a configuration as the host would, without running it')
    .argument('<path>', 'a folder of YAML documents, or one file')
    .option('--json', 'print JSON')
    .option(
      '--config-default-namespace <name>',
      'the namespace whose rules apply to every request',
      'istio-system',
    )
    .option('--ask-adapters', 'ask adapters at their addresses what they are')
    .addHelpText('after', examples)
    .action(async (path: string, { json, configDefaultNamespace, askAdapters }: ValidateFlags) => {
      const { runValidate } = await import('../validate.js')
      const asked = askAdapters === true ? { directory: await directory() } : {}
      const { languageOverride } = await import('../language.js')
      const language = languageOverride(shell.env)
      const options = { path, json: json === true, defaultNamespace: configDefaultNamespace, language }
      finish(await runValidate({ ...options, ...asked }, shell))
    })
}

async function directory() {
  const [{ openPlacements }, { systemClock }, { silent }] = await Promise.all([
    import('../serve/placements.js'),
    import('../../mixer/engine/index.js'),
    import('../../mixer/telemetry/index.js'),
  ])
  return openPlacements({ clock: systemClock, telemetry: silent, instance: 'validate' }).directory
}
