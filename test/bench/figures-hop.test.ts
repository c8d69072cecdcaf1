import t from 'tap'
import { hopFigures } from '../../src/bench/figures/hop.js'
import { reportFigures } from '../../src/bench/figures/reports.js'
import { found, hold, shortest } from './short-figures.js'

t.test('figures of reports', async t => {
  const result = await found(bench => reportFigures(bench, shortest))
  hold(t, result, ['report-in-process', 'report-session'])
})

t.test('figures of hops', async t => {
  const result = await found(bench => hopFigures(bench, shortest))
  hold(t, result, ['hop-cpu', 'hop-throughput', 'hop-median'])
})
