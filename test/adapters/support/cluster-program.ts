import cluster from 'node:cluster'
import { prometheus } from '../../../src/adapters/prometheus/adapter.js'
import { FakeHost, rejection } from './fakes.js'

/** What a worker could do. */
export interface WorkerReport {
  /** Where its handler on a port of its own serves metrics. */
  readonly served: string
  /** What was said to a handler on a port that was named. */
  readonly refused: string
}

// Two workers of node:cluster, as with --processes, each with handlers of the adapter. Prints what each one reports.
if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()]
  const reports: WorkerReport[] = []
  for (const worker of workers) {
    worker.on('message', (report: WorkerReport) => {
      reports.push(report)
      if (reports.length < workers.length) return
      process.stdout.write(JSON.stringify(reports))
      for (const each of workers) each.disconnect()
    })
  }
} else {
  const host = new FakeHost()
  await prometheus.open({ port: 0 }, host)
  const refused = (await rejection(prometheus.open({ port: 9_464 }, host))).message
  process.send?.({ served: host.logged[0] ?? '', refused } satisfies WorkerReport)
}
