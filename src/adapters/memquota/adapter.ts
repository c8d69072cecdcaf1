import { type AdapterHost, defineAdapter, SettingsError } from '@outboard/adapters-sdk'
import { QuotaHandler } from './handler.js'
import { LimitChoice } from './limits.js'
import { type MemquotaSettings, memquotaSettings } from './settings.js'
import { QuotaStates } from './state.js'

/** The counters of this process, by handler name. */
const processStates = new QuotaStates()

/** Quotas counted in memory: rolling windows, and units that are taken and given back. */
export const memquota = defineAdapter({
  name: 'memquota',
  version: '1.0.0',
  description: 'Counts quotas in memory: rolling windows, and allocations that are released',
  templates: ['quota'],
  settings: memquotaSettings,
  validate: requireLimits,
  open(settings, host) {
    const limits = new Map(settings.quotas.map(quota => [quota.name, new LimitChoice(quota)]))
    const handler = new QuotaHandler(limits, settings, processStates.open(host.handler), host)
    return {
      quota: (instance, request, call) => handler.quota(instance, request, call),
      close: () => processStates.close(host.handler),
    }
  },
})

/** Each instance that rules send here needs a limit. */
function requireLimits({ quotas }: MemquotaSettings, instances: AdapterHost['instances']): void {
  const limited = new Set(quotas.map(quota => quota.name))
  const problems = instances
    .filter(({ name, template }) => template === 'quota' && !limited.has(name))
    .map(({ name }) => ({ path: 'quotas', message: `needs an entry for "${name}", which rules send here` }))
  if (problems.length > 0) throw new SettingsError(problems)
}
