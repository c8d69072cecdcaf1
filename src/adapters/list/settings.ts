import { type SettingsOf, settings } from '@outboard/adapters-sdk'

/** Source: `adapter.list.config.Params`; the last two are ours. */
export const listSettings = settings.object(
  {
    providerUrl: settings.string({
      field: 1,
      default: '',
      description: 'Where the list is fetched, `http` or `https`; empty: the list is the overrides',
    }),
    refreshInterval: settings.duration({
      field: 2,
      default: '60s',
      description: 'From the beginning of one fetch to that of the next; at least 1s with a provider',
    }),
    ttl: settings.duration({
      field: 3,
      default: '300s',
      description: 'How long a list holds that could not be fetched again; at least the refresh interval',
    }),
    cachingInterval: settings.duration({
      field: 4,
      default: '300s',
      min: 0,
      description: 'How long a verdict may be kept',
    }),
    cachingUseCount: settings.integer({
      field: 5,
      default: 10_000,
      min: 0,
      max: 2_147_483_647,
      description: 'How many requests may share a verdict',
    }),
    overrides: settings.list(settings.string(), {
      field: 6,
      description: 'Entries that are always on the list, beside those of the provider',
    }),
    entryType: settings.enumeration(
      { STRINGS: 0, CASE_INSENSITIVE_STRINGS: 1, IP_ADDRESSES: 2, REGEX: 3 },
      {
        field: 7,
        default: 'STRINGS',
        description:
          'Exact texts, texts in any case, addresses and blocks, or RE2 expressions (found anywhere)',
      },
    ),
    blacklist: settings.boolean({
      field: 8,
      default: false,
      description: '`true`: what is on the list is denied; `false`: what is not on it',
    }),
    fetchTimeout: settings.duration({
      default: '10s',
      min: '1ms',
      max: '10m',
      description: 'Longest wait for the provider’s whole answer',
    }),
    maxListBytes: settings.integer({
      default: 16 * 1024 * 1024,
      min: 1,
      max: 1024 * 1024 * 1024,
      description: 'Largest answer taken from the provider, in bytes',
    }),
  },
  {
    message: 'adapter.list.config.Params',
    check({ providerUrl, refreshInterval, ttl }, problem) {
      if (providerUrl === '') return
      const url = URL.canParse(providerUrl) ? new URL(providerUrl) : undefined
      if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.host === '') {
        problem('providerUrl', 'must be an http or https URL with a host')
      }
      if (refreshInterval < 1_000) problem('refreshInterval', 'must be at least 1s')
      if (ttl < refreshInterval) problem('ttl', 'must be at least as long as refreshInterval')
    },
  },
)

export type ListSettings = SettingsOf<typeof listSettings>
