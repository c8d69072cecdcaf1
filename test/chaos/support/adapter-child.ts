import { type ServeOptions, serve } from '@outboard/adapters-sdk/serve'
import { ChaosAdapter, type ToAdapter } from './adapter.js'

// The suite's adapter as a process of its own. It says where it listens, does what it is told, drains at SIGTERM, and
// ends with its parent.

/** How a test starts it. */
export interface AdapterStart {
  readonly address: string
  readonly version: string
  readonly journal: string
  readonly tls?: NonNullable<ServeOptions['tls']>
}

const start: AdapterStart = JSON.parse(process.argv[2] ?? '{}')
const chaos = new ChaosAdapter(start.version, start.journal)
const served = await serve(chaos.adapter, {
  address: start.address,
  ...(start.tls && { tls: start.tls }),
  log: () => {},
})
process.on('message', text => {
  const told: ToAdapter = JSON.parse(String(text))
  if (told.kind === 'slow') chaos.slow(told.ms)
  else process.send?.(JSON.stringify({ kind: 'facts', facts: chaos.facts }))
})
process.on('disconnect', () => process.exit())
process.on('SIGTERM', () => void served.drain('a new version takes over').then(() => process.exit()))
process.send?.(JSON.stringify({ kind: 'listening', address: served.address }))
