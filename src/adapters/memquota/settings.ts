import { type SettingsOf, settings } from '@outboard/adapters-sdk'

const maxAmount = settings.int64({
  field: 2,
  default: 0n,
  min: 0n,
  description: 'Units that may be in use, or be consumed within the window',
})

/** Source: `adapter.memquota.config.Params`; `maxCounters` is ours. */
export const memquotaSettings = settings.object(
  {
    quotas: settings.list(
      settings.message({
        name: settings.string({
          field: 1,
          minLength: 1,
          description: 'The instance, fully qualified: `requestcount.instance.istio-system`',
        }),
        maxAmount,
        validDuration: settings.duration({
          field: 3,
          default: 0,
          min: 0,
          description:
            'Length of the rolling window, rounded up to whole seconds; 0: units come back only when released',
        }),
        overrides: settings.list(
          settings.message({
            dimensions: settings.map(settings.string(), {
              field: 1,
              description: 'All of these must equal the dimensions of the instance',
            }),
            maxAmount,
            validDuration: settings.duration({
              field: 3,
              default: 0,
              min: 0,
              description:
                'As above; not inherited from the quota: when it is left out, units never come back by themselves',
            }),
          }),
          { field: 4, description: 'Other limits for some dimensions; the first that matches holds' },
        ),
      }),
      { field: 1, description: 'The limits; each instance that is sent here needs one' },
    ),
    minDeduplicationDuration: settings.duration({
      field: 2,
      default: '1s',
      above: 0,
      description: 'How long at least a deduplication id is remembered; at most twice as long',
    }),
    maxCounters: settings.integer({
      default: 100_000,
      min: 1,
      max: 10_000_000,
      description: 'Counters held at once; a request for one more fails until others are idle',
    }),
  },
  {
    message: 'adapter.memquota.config.Params',
    check({ quotas }, problem) {
      const seen = new Set<string>()
      for (const [index, { name }] of quotas.entries()) {
        if (seen.has(name)) problem(`quotas[${index}].name`, `"${name}" is given twice`)
        seen.add(name)
      }
    },
  },
)

export type MemquotaSettings = SettingsOf<typeof memquotaSettings>
