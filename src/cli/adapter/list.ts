import { builtinAdapters } from '../../adapters/registry.js'
import { Exit, type ExitCode } from '../exit.js'
import type { Shell } from '../shell.js'
import { printAdapter } from './print.js'

/** `outboard adapter list`: the adapters that come with Outboard. */
export function runAdapterList(shell: Shell, names: readonly string[], json: boolean): ExitCode {
  const chosen = [...builtinAdapters.values()].filter(
    ({ name }) => names.length === 0 || names.includes(name),
  )
  if (json) {
    const facts = chosen.map(({ name, version, description, templates, settings }) => {
      return {
        name,
        version,
        description,
        templates: templates.map(one => one.name),
        settings: settings.jsonSchema,
      }
    })
    shell.out(`${JSON.stringify(facts, undefined, 2)}\n`)
  } else if (names.length === 0) {
    for (const { name, description, templates } of chosen)
      shell.out(`${name.padEnd(15)}${description} (${templates.map(one => one.name).join(', ')})\n`)
  } else {
    for (const adapter of chosen)
      shell.out(printAdapter({ ...adapter, settingsSchema: adapter.settings.jsonSchema }))
  }
  return chosen.length === 0 ? Exit.failed : Exit.done
}
