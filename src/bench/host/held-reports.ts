import type { Engine } from '../../mixer/engine/api.js'
import type { Deliveries } from './deliveries.js'

/**
 * The same engine, but it answers a report only when the adapter has answered it, so that a client can tell how long that took
 * by its own clock. A real one answers when the report is in its queue. One report at a time.
 */
export function heldReports(engine: Engine, deliveries: Deliveries): Engine {
  return {
    pin() {
      const pinned = engine.pin()
      return {
        vocabulary: pinned.vocabulary,
        snapshotId: pinned.snapshotId,
        addApiAttributes: bag => pinned.addApiAttributes(bag),
        quotaCharges: bag => pinned.quotaCharges(bag),
        check: (bag, request) => pinned.check(bag, request),
        report: async (bags, request) => {
          const delivered = deliveries.next()
          const answer = await pinned.report(bags, request)
          if (answer.kind !== 'taken') return answer
          const error = await delivered
          return error === undefined ? answer : { kind: 'failed', problems: [error.message] }
        },
      }
    },
  }
}
