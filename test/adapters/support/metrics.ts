import type { Adapter, Handler, Value } from '@outboard/adapters-sdk'
import { makePrometheus } from '../../../src/adapters/prometheus/adapter.js'
import { Exporters } from '../../../src/adapters/prometheus/exporters.js'
import { callWith, FakeHost, instanceOf, ManualTime, opener } from './fakes.js'

/** A clock that stands still. */
export const time = new ManualTime()

/** An adapter with exporters of its own. */
export function freshAdapter(on = time): Adapter {
  const exporters = new Exporters()
  return makePrometheus(on, async () => exporters)
}

/** Where a handler said that its metrics are. */
export function urlOf(host: FakeHost): string {
  const url = host.logged
    .map(line => /serving metrics at (\S+)/.exec(line)?.[1])
    .find(found => found !== undefined)
  if (url === undefined) throw new Error('the handler named no address')
  return url
}

/** The lines of a scrape, without those of the adapter's own metric. */
export async function scrape(url: string): Promise<string[]> {
  const response = await fetch(url)
  const all = (await response.text()).split('\n')
  return all.filter(line => line !== '' && !line.includes('outboard_prometheus_adapter'))
}

/** The lines of a scrape that are samples. */
export const samples = async (url: string) => (await scrape(url)).filter(line => !line.startsWith('#'))

/** A counter with one label. */
export const counter = {
  instance_name: 'requests.instance.test',
  name: 'requests_total',
  kind: 'COUNTER',
  label_names: ['code'],
}

/** Reports one instance. */
export function count(
  handler: Handler,
  value: Value | undefined,
  dimensions: Record<string, Value> = {},
  name = counter.instance_name,
) {
  return handler.report([instanceOf('metric', name, { ...(value && { value }), dimensions })], callWith())
}

/** A handler on a port of its own, and where its metrics are. */
export async function open(
  t: { teardown(fn: () => unknown): unknown },
  metrics: unknown[],
  more: Record<string, unknown> = {},
) {
  const host = new FakeHost(time)
  const handler = await opener(t, freshAdapter())({ metrics, port: 0, ...more }, host)
  return { handler, host, url: urlOf(host) }
}
