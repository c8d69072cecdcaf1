import t from 'tap'
import { signalsOf } from '../../src/cli/signals.js'
import { TestShell } from './shell.js'

t.test('the first signal is a wish, the second an order', async t => {
  const shell = new TestShell()
  const signals = signalsOf(shell)
  shell.signal('SIGTERM')
  t.equal(await signals.first, 'SIGTERM')
  t.throws(() => shell.signal('SIGINT'), { message: 'the process would end with 130' })
  t.throws(() => shell.signal('SIGTERM'), { message: 'the process would end with 143' })
})

t.test('after stop, signals are nobody’s business', async t => {
  const shell = new TestShell()
  const signals = signalsOf(shell)
  signals.stop()
  shell.signal('SIGINT')
  shell.signal('SIGINT')
  t.equal(await Promise.race([signals.first, Promise.resolve('nothing')]), 'nothing')
})

t.test('what a parent says is a first wish, never the second', async t => {
  const shell = new TestShell()
  const signals = signalsOf(shell, Promise.resolve('SIGTERM'))
  t.equal(await signals.first, 'SIGTERM')
  shell.signal('SIGTERM') // the same one, to the whole group
  t.throws(() => shell.signal('SIGTERM'), { message: 'the process would end with 143' })
  const both = signalsOf(new TestShell(), new Promise(() => {}))
  t.equal(await Promise.race([both.first, Promise.resolve('nothing')]), 'nothing')
})

t.test('a terminal that goes away is a signal like the others', async t => {
  const shell = new TestShell()
  const { first } = signalsOf(shell)
  shell.signal('SIGHUP')
  t.equal(await first, 'SIGHUP')
  t.throws(() => shell.signal('SIGHUP'), { message: 'the process would end with 129' })
})
