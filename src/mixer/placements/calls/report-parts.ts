import type { Asking, CancelHook } from '../../engine/ports.js'
import type { Encoded } from './remote-call.js'

/**
 * The askings of a report that had to be divided. Each part has a deduplication id of its own, which says which instances
 * of the batch it holds: an adapter must not take the second part for a repetition of the first, and a batch that is sent
 * again in the same parts must be recognised. They are cancelled together.
 */
export function partsOf(asking: Asking, parts: readonly Encoded[]): readonly Asking[] {
  if (parts.length === 1) return [asking]
  const hooks: CancelHook[] = []
  if (asking.onCancel !== undefined) {
    asking.onCancel.cancelled = () => {
      for (const hook of hooks) hook.cancelled?.()
    }
  }
  let from = 0
  return parts.map(({ instances }) => {
    const first = from
    from += instances.length
    const onCancel: CancelHook = { cancelled: undefined }
    hooks.push(onCancel)
    return { ...asking, dedupId: `${asking.dedupId}/${first}-${from - 1}`, onCancel }
  })
}
