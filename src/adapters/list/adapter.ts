import { type AdapterHost, defineAdapter, type HandlerVerbs, SettingsError } from '@outboard/adapters-sdk'
import { systemTimers, type Timers } from '../timers.js'
import { valueField } from '../values/fields.js'
import { entriesOfBody } from './body.js'
import { checkValue } from './check.js'
import { compileEntries, EntryError } from './entries.js'
import { fetchList } from './provider.js'
import { RefreshedList } from './refreshed-list.js'
import { type ListSettings, listSettings } from './settings.js'

/** The list adapter on these timers. */
export function makeListchecker(timers: Timers) {
  return defineAdapter({
    name: 'listchecker',
    version: '1.0.0',
    description: 'Looks a value up in a list of texts, addresses or expressions, and allows or denies',
    templates: ['listentry'],
    settings: listSettings,
    validate: requireReadableOverrides,
    open: (settings, host) => openList(settings, host, timers),
  })
}

/** The list adapter. */
export const listchecker = makeListchecker(systemTimers)

async function openList(settings: ListSettings, host: AdapterHost, timers: Timers): Promise<HandlerVerbs> {
  const policy = {
    blacklist: settings.blacklist,
    caching: { validForMs: settings.cachingInterval, validUses: settings.cachingUseCount },
  }
  if (settings.providerUrl === '') {
    const entries = await compileEntries(settings.entryType, settings.overrides)
    const list = { at: 'loaded', entries } as const
    return { check: instance => checkValue(valueField(instance, 'value'), list, policy) }
  }
  const list = providedList(settings, host, timers)
  await list.start()
  return {
    check: instance => checkValue(valueField(instance, 'value'), list.current(), policy),
    close: () => list.close(),
  }
}

/** Overrides must be entries of the list's type. */
async function requireReadableOverrides({ entryType, overrides }: ListSettings): Promise<void> {
  try {
    await compileEntries(entryType, overrides)
  } catch (error) {
    if (!(error instanceof EntryError)) throw error
    throw new SettingsError([{ path: `overrides[${error.index}]`, message: error.message }])
  }
}

function providedList(settings: ListSettings, host: AdapterHost, timers: Timers): RefreshedList {
  const { entryType, overrides } = settings
  const provider = {
    url: new URL(settings.providerUrl),
    timeoutMs: settings.fetchTimeout,
    maxBytes: settings.maxListBytes,
  }
  return new RefreshedList(
    { refreshIntervalMs: settings.refreshInterval, ttlMs: settings.ttl },
    {
      timers,
      fetch: closed => fetchList(provider, timers, closed),
      compile: async body => {
        const provided = await entriesOfBody(entryType, body)
        // Upstream compares lines with all their bytes; a carriage return at the end then never matches a value.
        if (provided.some(entry => entry.endsWith('\r'))) {
          host.log('warn', 'lines of the list end with a carriage return, which counts as part of the entry')
        }
        return compileEntries(entryType, [...provided, ...overrides])
      },
      now: () => host.now(),
      log: (level, message) => host.log(level, message),
      changed: () => host.invalidate(),
    },
  )
}
