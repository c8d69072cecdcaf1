import t from 'tap'
import { AdapterProcess } from './child-process.js'
import { handlerContract } from './handler-contract.js'
import { connection, placements, socketPath } from './serving.js'

t.test('a session with an adapter in a process of its own', async t => {
  const { address, remove } = socketPath()
  const child = await AdapterProcess.start(address)
  const { byName } = placements()
  t.teardown(async () => {
    await child.kill('SIGKILL')
    remove()
  })
  handlerContract(t, () => ({ placement: byName.auto, gaps: [], spec: { connection: connection(address) } }))
})
