import t from 'tap'
import { handlerContract } from '../contract/handler-contract.js'
import { connection, placements } from '../contract/serving.js'
import { goExample, pythonExample } from './support/examples.js'
import { missing } from './support/needed.js'

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

t.test('Python over the session', { skip: missing('python') ?? false }, async t => {
  const { address } = await pythonExample(t, 'python-session', 'contract')
  const { byName } = placements()
  handlerContract(t, () => ({ placement: byName.auto, gaps: [], spec: { connection: connection(address) } }))
})

t.test('Python over Istio’s services', { skip: missing('python') ?? false }, async t => {
  const { address } = await pythonExample(t, 'python-unary', 'contract')
  const { byName } = placements()
  const spec = { connection: connection(address) }
  handlerContract(t, () => ({ placement: byName.auto, gaps: unaryGaps, spec }))
})

t.test('Go over Istio’s services', { skip: missing('go-listentry') ?? false }, async t => {
  const { address } = await goExample(t, 'contract')
  const { byName } = placements()
  const spec = { connection: connection(address) }
  handlerContract(t, () => ({ placement: byName.auto, gaps: unaryGaps, spec }))
})
