import { adapterKinds, type LoadCounts, templateKinds } from '../../mixer/config/index.js'
import type { Telemetry } from '../../mixer/telemetry/index.js'
import type { Refusal } from './refusal.js'

/** What the gauges tell of. */
export interface ConfigurationState {
  /** How much the configuration in force holds; undefined before the first. */
  readonly counts: LoadCounts | undefined
  /** What is wrong with the configuration found last; undefined when it is in force. */
  readonly refusal: Refusal | undefined
}

type Kind = 'attribute' | 'template' | 'adapter' | 'handler' | 'instance' | 'rule'

const countOf: Readonly<Record<Kind, keyof LoadCounts>> = {
  attribute: 'attributes',
  template: 'templates',
  adapter: 'adapters',
  handler: 'handlers',
  instance: 'instances',
  rule: 'rules',
}

/** Offers how much configuration there is, and how much of the last one was wrong. */
export function offerConfigGauges(telemetry: Telemetry, state: ConfigurationState): void {
  telemetry.gauge('outboard_config_problems', {}, () => state.refusal?.problemCount ?? 0)
  for (const [kind, count] of Object.entries(countOf))
    telemetry.gauge('outboard_config_resources', { kind }, () => state.counts?.[count] ?? 0)
  for (const kind of [...Object.keys(countOf), 'other'])
    telemetry.gauge('outboard_config_resource_problems', { kind }, () => {
      const kinds = state.refusal === undefined ? [] : kindsOf(state.refusal)
      return kinds.filter(found => found === kind).length
    })
}

/** For each problem that was kept, the kind of its document. */
function kindsOf(refusal: Refusal): string[] {
  switch (refusal.by) {
    case 'configuration':
      return refusal.problems.map(({ resource }) => kindOf(resource?.split('.').at(-2)))
    case 'adapters':
      return refusal.problems.map(() => 'handler')
  }
}

/** Istio's older kinds are instances and handlers, too. */
function kindOf(written = ''): string {
  if (written === 'attributemanifest') return 'attribute'
  if (Object.hasOwn(countOf, written)) return written
  if (templateKinds.has(written)) return 'instance'
  return adapterKinds.has(written) ? 'handler' : 'other'
}
