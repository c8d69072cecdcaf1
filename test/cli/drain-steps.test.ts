import t from 'tap'
import { DrainSteps } from '../../src/cli/serve/drain-steps.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { ManualClock } from '../support/manual-clock.js'

t.test('a step that fails, or does not end, is told, and the next one is taken', async t => {
  const telemetry = new CountingTelemetry()
  const clock = new ManualClock()
  const steps = new DrainSteps(telemetry.log, clock)
  await steps.take('first', 1_000, async () => {
    throw new Error('no good')
  })
  const taken = steps.take('second', 1_000, () => new Promise(() => {}))
  clock.advance(3_000)
  await taken
  await steps.take('third', 1_000, async () => {})
  await steps.take('fourth', 1_000, () => undefined)
  t.match(telemetry.lines, [
    { event: 'drain_step_failed', facts: { step: 'first', error: { message: 'no good' } } },
    { event: 'drain_step_late', facts: { step: 'second', graceMs: 1_000 } },
  ])
  t.equal(telemetry.lines.length, 2)
  t.equal(clock.pending, 0)
})
