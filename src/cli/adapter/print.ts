import type { TemplateDefinition } from '@outboard/adapters-sdk'

/** What there is to say of an adapter, wherever it runs. */
export interface Described {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly templates: readonly TemplateDefinition[]
  /** JSON Schema. */
  readonly settingsSchema: Readonly<Record<string, unknown>>
}

/** Name, templates and settings of one adapter, for people. */
export function printAdapter({ name, version, description, templates, settingsSchema }: Described): string {
  const lines = [`${name} ${version}: ${description}`]
  for (const { name: template, variety } of templates) lines.push(`  template  ${template} (${variety})`)
  for (const setting of settingsOf(settingsSchema)) lines.push(`  setting   ${setting}`)
  return `${lines.join('\n')}\n`
}

function settingsOf(schema: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(recordOf(schema.properties)).map(([name, value]) => {
    const { type, description, default: standard, enum: words } = recordOf(value)
    const kind = Array.isArray(words) ? words.join(' | ') : String(type ?? 'any')
    const fallback = standard === undefined ? '' : `; default ${JSON.stringify(standard)}`
    return `${name} (${kind}${fallback})${description === undefined ? '' : `: ${description}`}`
  })
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
