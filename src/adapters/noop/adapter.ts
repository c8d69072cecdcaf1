import { allow, defineAdapter, granted, settings } from '@outboard/adapters-sdk'

/** As long and as often as Mixer's own noop says: 10^9 seconds, 10^9 uses. */
const validForMs = 1e12
const validUses = 1e9

/** Allows every check, grants every quota, forgets every report, and produces nothing. */
export const noop = defineAdapter({
  name: 'noop',
  version: '1.0.0',
  description: 'Allows and grants everything, and forgets what is reported',
  templates: [
    'apikey',
    'authorization',
    'checknothing',
    'edge',
    'kubernetes',
    'listentry',
    'logentry',
    'metric',
    'quota',
    'reportnothing',
    'tracespan',
  ],
  settings: settings.object({}, { message: 'google.protobuf.Empty' }),
  open() {
    const verdict = allow({ validForMs, validUses })
    return {
      check: () => verdict,
      quota: (_instance, { amount }) => granted(amount, validForMs),
      report: () => {},
      produce: () => ({ output: {}, validForMs: undefined }),
    }
  },
})
