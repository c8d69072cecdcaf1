import type { Adapter } from '@outboard/adapters-sdk'
import type { BuiltinAdapter, BuiltinAdapters } from './ports.js'

/** Adapters of this process, as the configuration sees them: their templates, and their settings' schema as check. */
export function builtinAdaptersOf(adapters: Iterable<Adapter>): BuiltinAdapters {
  return new Map(
    [...adapters].map(({ name, templates, settings }): [string, BuiltinAdapter] => [
      name,
      {
        templates,
        check: raw => {
          const resolved = settings.resolve(raw ?? {})
          return 'problems' in resolved ? resolved.problems : []
        },
      },
    ]),
  )
}
