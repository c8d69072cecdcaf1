import { nearest } from '@outboard/adapters-sdk'
import type { AttributeCache } from '../../cache/index.js'
import type { CacheControls } from '../../mixer/admin/index.js'

/** What an operator can do to a cache. `handlers`: the ids of those in force. */
export function cacheControls(
  cache: Pick<AttributeCache, 'flush' | 'invalidate' | 'explain'>,
  handlers: () => readonly string[],
): CacheControls {
  return {
    flush: (name, key) => {
      if (name === undefined) {
        cache.flush()
        return { kind: 'flushed', handler: undefined }
      }
      const named = handlerNamed(name, handlers())
      if (typeof named === 'object') return named
      cache.invalidate(named, key)
      return { kind: 'flushed', handler: named }
    },
    explain: () => cache.explain(),
  }
}

/** The handler of a name: its id, or a short form of it that no other has. */
function handlerNamed(name: string, ids: readonly string[]) {
  if (ids.includes(name)) return name
  const found = ids.filter(id => shortForms(id).includes(name))
  const [only] = found
  if (only === undefined) {
    const known = [...ids, ...ids.flatMap(shortForms)]
    return { kind: 'unknown', nearest: nearest(name, known) } as const
  }
  return found.length === 1 ? only : ({ kind: 'ambiguous', ids: found } as const)
}

/** `name.kind.namespace` is `name.namespace` in messages, and `name` to people. A name may have dots itself. */
function shortForms(id: string): string[] {
  const parts = id.split('.')
  const namespace = parts.pop()
  parts.pop()
  const name = parts.join('.')
  return name === '' ? [] : [`${name}.${namespace}`, name]
}
