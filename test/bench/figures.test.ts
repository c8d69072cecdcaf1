import t from 'tap'
import { checkFigures } from '../../src/bench/figures/checks.js'
import { startFigures } from '../../src/bench/figures/start.js'
import { found, hold, shortest } from './short-figures.js'

t.test('figures of Checks: in process, session, no adapter and an echo, none with errors', async t => {
  const result = await found(bench => checkFigures(bench, shortest))
  hold(t, result, ['session-throughput', 'no-adapter-cpu', 'session-cpu', 'session-p99'])
})

t.test('figures of starting and memory', async t => {
  const result = await found(async bench => ({ rows: [], figures: await startFigures(bench, 1, 100) }))
  hold(t, result, ['ready', 'memory-idle', 'memory-full'])
})
