import { type Adapter, SettingsError } from '@outboard/adapters-sdk'
import type { BuiltinAdapter, BuiltinAdapters } from './ports.js'

/** Adapters of this process, as the configuration sees them: their templates, and what they say of settings. */
export function builtinAdaptersOf(adapters: Iterable<Adapter>): BuiltinAdapters {
  return new Map([...adapters].map((adapter): [string, BuiltinAdapter] => [adapter.name, seen(adapter)]))
}

function seen(adapter: Adapter): BuiltinAdapter {
  const { templates, settings } = adapter
  return {
    templates,
    check: raw => {
      const resolved = settings.resolve(raw ?? {})
      return 'problems' in resolved ? resolved.problems : []
    },
    validate: async (raw, instances) => {
      try {
        await adapter.validate(raw ?? {}, instances)
        return []
      } catch (cause) {
        if (cause instanceof SettingsError) return cause.problems
        return [{ path: '', message: cause instanceof Error ? cause.message : String(cause) }]
      }
    },
  }
}
