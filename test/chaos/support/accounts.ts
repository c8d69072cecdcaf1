import type { Test } from 'tap'
import type { HostProcess } from './host-process.js'
import { readJournal } from './journal.js'
import type { Load } from './load.js'
import type { Scene } from './scene.js'
import { until } from './until.js'

/** How instances may have been handed to adapters. */
export interface ReportRules {
  /** `once`: nothing went wrong that needs a retry. `retried`: a retry, known by its deduplication id, may be there. */
  readonly handed: 'once' | 'retried'
}

/** Every check that was sent has exactly one answer, none of them wrong, and the host counted them as the callers did. */
export async function checksAddUp(t: Test, load: Pick<Load, 'checks'>, host: HostProcess): Promise<void> {
  const metrics = await host.metrics()
  let answered = 0
  for (const [gate, tally] of load.checks) {
    t.equal(tally.answered, tally.sent, `${gate}: every check was answered`)
    t.equal(tally.of('hung', 'wrong'), 0, `${gate}: none hung, none got a wrong answer: ${tally.oddities}`)
    answered += tally.answered
  }
  t.equal(metrics.sum('outboard_checks_total', { door: 'mixer' }), answered, 'the host counted every check')
}

/**
 * Every report that was taken was delivered, or dropped for a stated reason; adapters saw each delivered one, and none
 * twice beyond a retry that its deduplication id gives away.
 */
export async function reportsAddUp(
  t: Test,
  scene: Scene,
  load: Load,
  host: HostProcess,
  { handed }: ReportRules,
): Promise<void> {
  const delivered = 'outboard_reports_delivered_total'
  const dropped = 'outboard_reports_dropped_total'
  await until('every report that was taken is delivered or dropped', async () => {
    const metrics = await host.metrics()
    return metrics.sum(delivered) + metrics.sum(dropped) >= load.taken.size
  })
  const metrics = await host.metrics()
  const lost = metrics.sum(dropped)
  t.equal(metrics.sum(delivered) + lost, load.taken.size, 'delivered + dropped = taken')
  await journalHolds(t, scene, load, { handed, lost })
}

/** What the adapters wrote down, against what the host took. */
export async function journalHolds(
  t: Test,
  scene: Scene,
  load: Load,
  { handed, lost }: ReportRules & { readonly lost: number },
): Promise<void> {
  const { seen, counted } = readJournal(scene.journal)
  const missing = [...load.taken].filter(id => !seen.has(id))
  t.ok(missing.length <= lost, `${missing.length} reports no adapter saw, ${lost} were dropped`)
  const uncounted = [...load.taken].filter(id => !counted.has(id))
  t.equal(uncounted.length, missing.length, 'no deduplication id stands for two different reports')
  const doubled = [...counted.values()].filter(times => times > 1).length
  t.equal(doubled, 0, 'no report counts twice when retries are recognised')
  const again = [...seen.values()].filter(times => times > 1).length
  if (handed === 'once') t.equal(again, 0, 'no report was handed over twice')
  scene.tell(
    `${load.print()}; seen ${seen.size}, handed over again ${again}, dropped ${lost}, missing ${missing.length}`,
  )
}
