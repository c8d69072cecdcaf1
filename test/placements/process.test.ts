import t from 'tap'
import { asking, command } from '../contract/asking.js'
import { AdapterProcess } from '../contract/child-process.js'
import { socketPath } from '../contract/serving.js'
import { Handlers, statusUntil } from './support/opened.js'

t.test('an adapter process that is killed under load costs nothing when another runs', async t => {
  const [one, two] = [socketPath(), socketPath()]
  const [first, second] = await Promise.all([
    AdapterProcess.start(one.address),
    AdapterProcess.start(two.address),
  ])
  const handlers = new Handlers()
  const handler = await handlers.open('session', [one.address, two.address])
  await statusUntil(handler, ({ endpoints }) => endpoints.every(endpoint => endpoint.state === 'ready'))
  const bad: string[] = []
  let on = true
  let asked = 0
  const lanes = Promise.all(
    Array.from({ length: 16 }, async () => {
      while (on) {
        asked += 1
        const verdict = await handler.check(command('allow'), asking())
        if (verdict.kind !== 'allow')
          bad.push(verdict.kind === 'failed' ? verdict.error.message : verdict.kind)
      }
    }),
  )
  await first.kill('SIGKILL')
  await statusUntil(handler, ({ endpoints }) => endpoints[0]?.state === 'down')
  const again = await AdapterProcess.start(one.address)
  await statusUntil(handler, ({ endpoints }) => endpoints.every(endpoint => endpoint.state === 'ready'))
  on = false
  await lanes
  t.same(bad, [])
  t.ok(asked > 20, `${asked} checks`)
  await handlers.close()
  await Promise.all([again.kill('SIGKILL'), second.kill('SIGKILL')])
  one.remove()
  two.remove()
})

t.test(
  'an adapter process that is stopped answers when it goes on; meanwhile the other is asked',
  async t => {
    const [one, two] = [socketPath(), socketPath()]
    const [first, second] = await Promise.all([
      AdapterProcess.start(one.address),
      AdapterProcess.start(two.address),
    ])
    const handlers = new Handlers()
    const handler = await handlers.open('session', [one.address, two.address])
    t.teardown(async () => {
      await handlers.close()
      await Promise.all([first.kill('SIGKILL'), second.kill('SIGKILL')])
      one.remove()
      two.remove()
    })
    await statusUntil(handler, ({ endpoints }) => endpoints.every(endpoint => endpoint.state === 'ready'))
    first.signal('SIGSTOP')
    const asked = Array.from({ length: 40 }, () => handler.check(command('allow'), asking()))
    const answered = await Promise.any(asked)
    t.equal(answered.kind, 'allow')
    first.signal('SIGCONT')
    t.same(new Set((await Promise.all(asked)).map(verdict => verdict.kind)), new Set(['allow']))
  },
)
