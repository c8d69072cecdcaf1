import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { bootstrap } from './bootstrap.js'
import { Child } from './child.js'
import { program } from './needed.js'
import { eventually, folder } from './outboard.js'
import { type Upstream, upstream } from './upstream.js'

/** The real proxy, running. */
export interface Envoy {
  /** Base URLs: `web` refuses what cannot be decided, `lenient` lets it pass. */
  readonly web: string
  readonly lenient: string
  /** The port of the TCP listener. */
  readonly rawPort: number
  readonly upstream: Upstream
  /** The lines of its text access log so far. */
  textLog(): string[]
  /** The sum of the counters or gauges whose names match. */
  stat(name: RegExp): Promise<number>
  /** Health of each host of the cluster `outboard`, by its address. */
  health(): Promise<Readonly<Record<string, 'healthy' | 'failed'>>>
}

/** Starts Envoy before one or more hosts, with an upstream behind it; resolves when it takes requests. */
export async function envoy(t: Test, ...hosts: readonly string[]): Promise<Envoy> {
  const behind = await upstream(t)
  const textLog = join(folder(t), 'access.log')
  const { admin, ports } = await startEnvoy(t, JSON.stringify(bootstrap({ hosts, ...behind, textLog })))
  return {
    web: `http://127.0.0.1:${ports.web}`,
    lenient: `http://127.0.0.1:${ports.lenient}`,
    rawPort: ports.raw ?? 0,
    upstream: behind,
    textLog: () => (existsSync(textLog) ? readFileSync(textLog, 'utf8').trim().split('\n') : []),
    stat: name => sumOf(admin, name),
    health: () => healthOf(admin),
  }
}

/** Starts Envoy with a bootstrap (YAML, or JSON), and waits until it listens and sees a healthy host. */
export async function startEnvoy(
  t: Test,
  text: string,
): Promise<{ readonly admin: string; readonly ports: Readonly<Record<string, number>> }> {
  const place = folder(t)
  const file = join(place, 'envoy.yaml')
  const adminFile = join(place, 'admin')
  writeFileSync(file, text)
  const child = new Child(program('envoy'), [
    ...['-c', file, '--admin-address-path', adminFile],
    ...['--concurrency', '2', '--disable-hot-restart', '--log-level', 'warn'],
    ...['--drain-time-s', '1', '--file-flush-interval-msec', '100'],
  ])
  t.teardown(() => child.end())
  await eventually(() => {
    if (child.ended) throw new Error(`Envoy ended:\n${child.output}`)
    return existsSync(adminFile) && readFileSync(adminFile, 'utf8').includes(':')
  }, 'Envoy listens')
  const admin = `http://${readFileSync(adminFile, 'utf8').trim()}`
  await eventually(async () => (await get(`${admin}/ready`)).startsWith('LIVE'), 'Envoy is ready')
  await eventually(
    async () => Object.values(await healthOf(admin)).includes('healthy'),
    'Envoy sees a healthy host',
  )
  return { admin, ports: await listeners(admin) }
}

async function get(url: string): Promise<string> {
  return (await fetch(url)).text()
}

async function listeners(admin: string): Promise<Record<string, number>> {
  const { listener_statuses: statuses } = JSON.parse(await get(`${admin}/listeners?format=json`))
  const ports: Record<string, number> = {}
  for (const { name, local_address } of statuses) ports[name] = local_address.socket_address.port_value
  return ports
}

async function sumOf(admin: string, name: RegExp): Promise<number> {
  let sum = 0
  for (const line of (await get(`${admin}/stats`)).split('\n')) {
    const [stat = '', value] = line.split(': ')
    if (name.test(stat)) sum += Number(value)
  }
  return sum
}

async function healthOf(admin: string): Promise<Record<string, 'healthy' | 'failed'>> {
  const { cluster_statuses: clusters } = JSON.parse(await get(`${admin}/clusters?format=json`))
  const health: Record<string, 'healthy' | 'failed'> = {}
  for (const { name, host_statuses } of clusters) {
    if (name !== 'outboard') continue
    for (const { address, health_status } of host_statuses ?? [])
      health[`127.0.0.1:${address.socket_address.port_value}`] =
        health_status.failed_active_health_check === true ? 'failed' : 'healthy'
  }
  return health
}
