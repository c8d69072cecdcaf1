import type { Bench, Pace } from '../commands/session.js'
import { type Loadable, oneByOneOn, runOn } from '../load/generator.js'
import { Child, sibling } from '../process/child.js'
import { jsonOf, type Listening, whenStarted } from '../process/outboard.js'
import type { Subject } from '../rounds/measure.js'

/** Two Node processes that send each other the bytes of a hop, one question at a time. The one that asks stands for the host. */
export async function openBareSockets({ scratch }: Bench, { warmMs }: Pace): Promise<Subject> {
  const path = scratch.path('bare.sock')
  const answers = await start('bare socket that answers', 'answers', path)
  scratch.keep(answers.child)
  const asks = await start('bare socket that asks', 'asks', path)
  scratch.keep(asks.child)
  const load: Loadable = {
    run: (shape, ms, settleMs = 0) => runOn(asks.child, shape, { ms, settleMs }, {}),
    oneByOne: count => oneByOneOn(asks.child, count, {}),
  }
  await load.run({ kind: 'closed', depth: 1 }, warmMs)
  return { load, host: asks.child, adapters: [answers.child], generator: undefined, perCall: 1 }
}

function start(name: string, role: 'answers' | 'asks', path: string): Promise<Listening> {
  const script = sibling('./main', import.meta.url)
  const child = new Child({ name, script, args: [JSON.stringify({ role, path })] })
  return whenStarted(child, 'that it is ready', line => jsonOf(line)?.maybeText('address'))
}
