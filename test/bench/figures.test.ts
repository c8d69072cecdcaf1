import t, { type Test } from 'tap'
import type { BenchContext } from '../../src/bench/commands/context.js'
import { type Bench, type Pace, runSession } from '../../src/bench/commands/session.js'
import { checkFigures } from '../../src/bench/figures/checks.js'
import { hopFigures } from '../../src/bench/figures/hop.js'
import { reportFigures } from '../../src/bench/figures/reports.js'
import { startFigures } from '../../src/bench/figures/start.js'
import type { Figure } from '../../src/bench/rounds/result.js'
import type { Row } from '../../src/bench/rounds/row.js'

const pace: Pace = { rounds: 2, ms: 50, warmMs: 20 }
const context: BenchContext = {
  out: () => {},
  progress: { write: () => {} },
  command: '',
  now: () => '',
}

async function found(work: (bench: Bench) => Promise<{ rows: Row[]; figures: Figure[] }>) {
  return runSession('test', context, async bench => ({ ...(await work(bench)), notes: [] }))
}

/** Figures that are measured or refused because rounds so short disagree; anything else is a defect. */
function hold(t: Test, figures: readonly Figure[], ids: readonly string[]): void {
  t.same(
    figures.map(({ id }) => id),
    ids,
  )
  for (const { id, measured, reason } of figures)
    t.ok(
      (measured?.value ?? 0) !== 0 || /rounds disagree|nothing to divide/.test(reason ?? ''),
      `${id}: ${reason}`,
    )
}

t.test('figures of Checks: in process, session, no adapter and an echo, none with errors', async t => {
  const { rows, figures } = await found(bench => checkFigures(bench, pace))
  hold(t, figures, ['session-throughput', 'no-adapter-cpu', 'session-cpu', 'session-p99'])
  for (const { id, invalid } of rows) t.equal(invalid, undefined, `${id}: ${invalid}`)
})

t.test('figures of reports and hops', async t => {
  const reports = await found(bench => reportFigures(bench, pace))
  hold(t, reports.figures, ['report-in-process', 'report-session'])
  const hops = await found(bench => hopFigures(bench, pace))
  hold(t, hops.figures, ['hop-cpu', 'hop-throughput', 'hop-median'])
  for (const { id, invalid } of [...reports.rows, ...hops.rows])
    t.equal(invalid, undefined, `${id}: ${invalid}`)
})

t.test('figures of starting and memory', async t => {
  const { figures } = await found(async bench => ({ rows: [], figures: await startFigures(bench, 1, 100) }))
  hold(t, figures, ['ready', 'memory-idle', 'memory-full'])
})
