import { suitHeap } from '../../cli/serve/heap.js'
import { resolveServeOptions } from '../../cli/serve/resolve.js'
import { createDoors } from '../../mixer/doors/index.js'
import type { Engine } from '../../mixer/engine/api.js'
import { systemClock } from '../../mixer/engine/index.js'
import { closedLoop, oneByOne } from '../load/closed-loop.js'
import { openLoop, scheduleOf } from '../load/open-loop.js'
import { threadPacer } from '../load/pacer.js'
import type { Operation } from '../load/run.js'
import { answerParent } from '../process/answering.js'
import { Fields } from '../process/fields.js'
import { compose } from './compose.js'
import { Deliveries } from './deliveries.js'
import { checkDriver, type Driver, drivers, hopDriver, reportDriver } from './drivers.js'
import { heldReports } from './held-reports.js'

// A host in the benchmark's hands: `main '{"config", "form", "cache", "address", "heldAddress"}'`. With addresses it opens
// the doors there, at the second one those that hold reports; load from inside can be asked for as well. Prints where it
// listens when it is ready: `{"address", "heldAddress"}`, empty without doors.

// Nothing else keeps the process alive before it listens to its parent.
process.channel?.ref()
const setup = new Fields("the host's setup", JSON.parse(process.argv[2] ?? '{}'))
const address = setup.maybeText('address')
const heldAddress = setup.maybeText('heldAddress')
// As a host that is served; what V8 chooses by itself differs from one start to the next, by several times.
suitHeap()
const options = resolveServeOptions({
  flags: {
    config: setup.text('config'),
    cache: setup.text('cache'),
    logLevel: 'warn',
    logFormat: 'json',
    ...(address === undefined ? {} : { address }),
  },
  env: {},
  settingsFile: undefined,
})
const deliveries = new Deliveries()
const composed = await compose(options, setup.text('form') === 'coded' ? 'coded' : 'plain', deliveries.watch)

/** Opens doors and answers where they listen; empty: they are not wanted. */
async function opened(engine: Engine, wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return ''
  const doors = createDoors({
    engine,
    telemetry: composed.telemetry,
    clock: systemClock,
    ready: () => true,
    options: { listeners: [{ address: wanted }], server: options.doorServer },
  })
  await doors.listen()
  return doors.addresses[0] ?? ''
}

console.log(
  JSON.stringify({
    address: await opened(composed.engine, address),
    heldAddress: await opened(heldReports(composed.engine, deliveries), heldAddress),
  }),
)

const operations = new Map<Driver, Promise<Operation>>()

async function operationOf(name: Driver): Promise<Operation> {
  switch (name) {
    case 'check':
      return checkDriver(composed)
    case 'report':
      return reportDriver(composed, deliveries)
    case 'hop':
      return hopDriver(composed)
  }
}

/** Made when it is asked for first. */
function operation(body: Fields): Promise<Operation> {
  const name = drivers.find(known => known === body.text('driver'))
  if (name === undefined) throw new TypeError(`there is no driver "${body.text('driver')}"`)
  const made = operations.get(name) ?? operationOf(name)
  operations.set(name, made)
  return made
}

const pacer = threadPacer()

answerParent({
  closed: async body => closedLoop(await operation(body), body.number('depth'), body.number('ms')),
  open_loop: async body => openLoop(await operation(body), scheduleOf(body), pacer),
  one_by_one: async body => oneByOne(await operation(body), body.number('count')),
})
process.on('SIGTERM', () => process.exit(0))
