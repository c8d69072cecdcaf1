import { type Bench, type Pace, plan, saturating, warm } from '../commands/session.js'
import { startEcho } from '../echo/echo-server.js'
import { standardWorkload } from '../requests/workload.js'
import type { Subject } from '../rounds/measure.js'
import type { Row } from '../rounds/row.js'

/** The yardstick: a bare grpc-js server that answers the standard Check's bytes. */
export async function openEcho(bench: Bench, pace: Pace): Promise<Subject> {
  const { child, address } = await startEcho()
  bench.scratch.keep(child)
  const load = await bench.generator.target({ address, api: 'echo', workload: standardWorkload })
  const subject: Subject = { load, host: child, adapters: [], generator: bench.generator.child, perCall: 1 }
  await warm(subject, pace)
  return subject
}

/** The echo once more, after everything else: whether the machine was as fast at the end as at the beginning. */
export async function echoAtEnd(bench: Bench, pace: Pace): Promise<Row[]> {
  bench.line.say('starting the echo again')
  const subject = await openEcho(bench, pace)
  const group = { key: 'end', setting: 'echo of the standard Check, at the end of the run' }
  const planned = plan(group, { key: 'echo', name: 'echo, bare grpc-js', shape: saturating, subject })
  return bench.measure([planned], pace)
}
