import t from 'tap'
import { inProcess, inProcessCoded } from '../../src/mixer/placements/index.js'
import { contractAdapter } from './adapter.js'
import { handlerContract } from './handler-contract.js'

const adapters = (name: string) => (name === 'contract' ? contractAdapter : undefined)

t.test('in process', async t => {
  handlerContract(t, () => ({ placement: inProcess(adapters), gaps: [], spec: {} }))
})

t.test('in process, encoded and decoded', async t => {
  handlerContract(t, () => ({ placement: inProcessCoded(adapters), gaps: [], spec: {} }))
})
