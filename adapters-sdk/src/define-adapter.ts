import type { Adapter, AdapterDefinition, AdapterHost, HandlerVerbs } from './adapter.js'
import type { Handler } from './contract.js'
import { AdapterError, SettingsError } from './errors.js'
import { OpenHandler } from './open-handler.js'
import type { TemplateDefinition, Variety } from './template.js'
import { builtinTemplate, builtinTemplateNames, nearest } from './templates/index.js'

/** The verb that each variety needs. */
const verbOf: Readonly<Record<Variety, Exclude<keyof HandlerVerbs, 'close'>>> = {
  CHECK: 'check',
  CHECK_WITH_OUTPUT: 'check',
  QUOTA: 'quota',
  REPORT: 'report',
  ATTRIBUTE_GENERATOR: 'produce',
}

/**
 * Makes an adapter of its definition: give it to `serve`. (The host's built-in ones run in its process, too.)
 * @throws {TypeError} when something is missing or of the wrong kind, the name is no DNS label, a template is not known, or one
 * is listed twice.
 */
export function defineAdapter<Settings>(definition: AdapterDefinition<Settings>): Adapter {
  const { name, version, description, settings } = definition
  refuseIncomplete(definition)
  const templates = definition.templates.map(template => resolveTemplate(name, template))
  const twice = templates.find((template, i) => templates.findIndex(t => t.name === template.name) !== i)
  if (twice !== undefined) throw new TypeError(`Adapter "${name}" lists template "${twice.name}" twice`)
  const accepted = async (rawSettings: unknown, instances: AdapterHost['instances']): Promise<Settings> => {
    const resolved = settings.resolve(rawSettings)
    if ('problems' in resolved) throw new SettingsError(resolved.problems)
    await definition.validate?.(resolved.settings, instances)
    return resolved.settings
  }
  return {
    name,
    version,
    description,
    templates,
    settings,
    async validate(rawSettings: unknown, instances: AdapterHost['instances']): Promise<void> {
      await accepted(rawSettings, instances)
    },
    async open(rawSettings: unknown, host: AdapterHost): Promise<Handler> {
      const verbs = await definition.open(await accepted(rawSettings, host.instances), host)
      requireVerbs(name, templates, verbs)
      return new OpenHandler(host.handler, verbs)
    },
  }
}

/** What the compiler tells authors in TypeScript, for those in JavaScript. */
function refuseIncomplete<Settings>(definition: AdapterDefinition<Settings>): void {
  const { name, version, description, templates, settings, open } = definition
  if (typeof name !== 'string' || !/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    throw new TypeError(`Adapter name "${name}" must be a DNS label, like "denier"`)
  }
  const wrong =
    (typeof version !== 'string' && 'version must be text') ||
    (typeof description !== 'string' && 'description must be text') ||
    (!Array.isArray(templates) && 'templates must be a list of names and definitions') ||
    (typeof settings?.resolve !== 'function' && 'settings must be a schema, like settings.object({})') ||
    (typeof open !== 'function' && 'open must be a function')
  if (wrong !== false) throw new TypeError(`Adapter "${name}" cannot be defined: ${wrong}`)
}

function resolveTemplate(adapter: string, template: string | TemplateDefinition): TemplateDefinition {
  if (typeof template === 'object' && template !== null) return template
  const builtin = builtinTemplate(template)
  if (builtin !== undefined) return builtin
  const near = nearest(String(template), builtinTemplateNames)
  const hint = near === undefined ? '' : `; did you mean "${near}"?`
  throw new TypeError(`Adapter "${adapter}" names template "${template}", which is not built in${hint}`)
}

function requireVerbs(adapter: string, templates: readonly TemplateDefinition[], verbs: HandlerVerbs): void {
  for (const { name, variety } of templates) {
    const verb = verbOf[variety]
    if (typeof verbs?.[verb] === 'function') continue
    throw new AdapterError(
      'ADAPTER_CRASHED',
      `Adapter "${adapter}" opened a handler without "${verb}", which its template "${name}" needs`,
    )
  }
}
