import { AttributeCache } from '../../src/cache/index.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { ManualClock } from '../support/manual-clock.js'

export const scope = { revision: 'r', snapshotId: 0 }
export const handler = { id: 'h', signature: 's' }
/** Whoever waits as long as it takes. */
export const patient = { answerBy: Number.POSITIVE_INFINITY, abandon: undefined }

export function newCache() {
  const clock = new ManualClock()
  const telemetry = new CountingTelemetry()
  return { cache: new AttributeCache({}, clock, telemetry), clock, telemetry }
}

export const parts = [{ handler: 'h', cacheKeys: ['k'] }]

/** A promise that a test keeps until it lets go of it. */
export function held<Answer>() {
  let release: (answer: Answer) => void = () => {}
  const promise = new Promise<Answer>(resolve => {
    release = resolve
  })
  return { promise, release }
}
