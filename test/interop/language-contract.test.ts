import { join } from 'node:path'
import t, { type Test } from 'tap'
import { handlerContract } from '../contract/handler-contract.js'
import { connection, placements } from '../contract/serving.js'
import { Child } from './support/child.js'
import { missing, program } from './support/needed.js'
import { folder } from './support/outboard.js'

/** What Istio's messages have no place for, in any language. */
const unaryGaps = [
  'header operations, in order',
  'metadata of three kinds',
  'keys to withdraw an answer by',
  'how long produced attributes hold',
  'settings that are refused name the field', // the first call shows it
  'an adapter knows which instances will come',
  'an answer is withdrawn by its key',
  'all answers of a handler are withdrawn',
  'a line for the host log',
]

const examples = join(process.cwd(), 'adapters-sdk/examples')

/** An example adapter, listening. */
async function started(t: Test, file: string, ...args: readonly string[]): Promise<void> {
  const child = new Child(file, args)
  t.teardown(() => child.end())
  await child.says(/ at \S+\n/)
}

const python = missing('python')
t.test('Python over the session', { skip: python ?? false }, async t => {
  const address = `unix:${folder(t)}/adapter.sock`
  await started(t, program('python'), join(examples, 'python-session/contract_adapter.py'), address)
  const { byName } = placements()
  handlerContract(t, () => ({ placement: byName.auto, gaps: [], spec: { connection: connection(address) } }))
})

t.test('Python over Istio’s services', { skip: python ?? false }, async t => {
  const address = `unix:${folder(t)}/adapter.sock`
  await started(t, program('python'), join(examples, 'python-unary/contract_adapter.py'), address)
  const { byName } = placements()
  const spec = { connection: connection(address) }
  handlerContract(t, () => ({ placement: byName.auto, gaps: unaryGaps, spec }))
})

const go = missing('go-listentry')
t.test('Go over Istio’s services', { skip: go ?? false }, async t => {
  const address = `unix:${folder(t)}/adapter.sock`
  await started(t, program('go-listentry'), '-adapter', 'contract', '-address', address)
  const { byName } = placements()
  const spec = { connection: connection(address) }
  handlerContract(t, () => ({ placement: byName.auto, gaps: unaryGaps, spec }))
})
