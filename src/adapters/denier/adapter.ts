import { defineAdapter, granted } from '@outboard/adapters-sdk'
import { denierSettings } from './settings.js'
import { configuredVerdict, ignoredDetails } from './verdict.js'

/** Answers every check with one configured verdict, and grants nothing of any quota. */
export const denier = defineAdapter({
  name: 'denier',
  version: '1.0.0',
  description: 'Answers every check with one configured verdict',
  templates: ['checknothing', 'listentry', 'quota'],
  settings: denierSettings,
  open(settings, host) {
    const verdict = configuredVerdict(settings)
    for (const typeUrl of ignoredDetails(settings)) {
      host.log('warn', `status.details of type "${typeUrl}" have no effect; only DirectHttpResponse has`)
    }
    return {
      check: () => verdict,
      // As upstream: not the configured status but nothing, which refuses by amount.
      quota: () => granted(0n, 0),
    }
  },
})
