import cluster from 'node:cluster'
import { type AdapterHost, defineAdapter, type HandlerVerbs, SettingsError } from '@outboard/adapters-sdk'
import { systemTimers, type Timers } from '../timers.js'
import type { Exporters } from './exporters.js'
import { type PrometheusSettings, prometheusSettings } from './settings.js'
import { requireDistinctMetrics } from './validate.js'

/** The Prometheus adapter on these timers; `exporters` is asked for when the first handler opens. */
export function makePrometheus(timers: Timers, exporters: () => Promise<Exporters>) {
  return defineAdapter({
    name: 'prometheus',
    version: '1.0.0',
    description: 'Counts metrics and exposes them for Prometheus to scrape',
    templates: ['metric'],
    settings: prometheusSettings,
    validate: requireDistinctMetrics,
    open: (settings, host) => openPrometheus(settings, host, timers, exporters),
  })
}

let processExporters: Promise<Exporters> | undefined

/** The Prometheus adapter. The client library is loaded with the first handler, so that a host without one starts faster. */
export const prometheus = makePrometheus(systemTimers, () => {
  processExporters ??= import('./exporters.js').then(({ Exporters }) => new Exporters())
  return processExporters
})

async function openPrometheus(
  settings: PrometheusSettings,
  host: AdapterHost,
  timers: Timers,
  exporters: () => Promise<Exporters>,
): Promise<HandlerVerbs> {
  const { openMetrics } = await import('./open.js')
  const { host: address, port } = settings
  requireUnshared(port)
  const pool = await exporters()
  const lease = await pool.open(address, port).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SettingsError([{ path: 'port', message: `cannot be listened on: ${reason}` }])
  })
  try {
    const metrics = openMetrics(settings, host, lease.exporter)
    host.log('info', `serving metrics at ${lease.url}`)
    const stopSweeping = sweepRegularly(settings, timers, () => metrics.sweep())
    return {
      report: instances => metrics.record(instances),
      async close() {
        stopSweeping()
        metrics.close()
        await lease.release()
      },
    }
  } catch (error) {
    await lease.release()
    throw error
  }
}

/**
 * Of several processes with one configuration one could listen on the port; the others would refuse what it takes, and
 * go on with another configuration. So all of them refuse.
 */
function requireUnshared(port: number): void {
  if (!cluster.isWorker || port === 0) return
  const message = `cannot be listened on by each of several processes (--processes): ${port} would show the numbers of one of them; run the adapter as a process of its own (outboard adapter serve prometheus --address ADDRESS), and give the handler its connection.address`
  throw new SettingsError([{ path: 'port', message }])
}

/** Removes expired series at the configured interval, by default half of their life; the answer stops it. */
function sweepRegularly(settings: PrometheusSettings, timers: Timers, sweep: () => void): () => void {
  const policy = settings.metricsExpirationPolicy
  if (policy === undefined) return () => {}
  const intervalMs = policy.expiryCheckIntervalDuration || policy.metricsExpiryDuration / 2
  let cancel = (): void => {}
  const arm = (): void => {
    cancel = timers.after(intervalMs, () => {
      sweep()
      arm()
    })
  }
  arm()
  return () => cancel()
}
