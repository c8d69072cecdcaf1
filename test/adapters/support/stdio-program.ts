import { stdio } from '../../../src/adapters/stdio/adapter.js'
import { callWith, FakeHost, instanceOf, int, text } from './fakes.js'

// Writes a metric to standard output and a log entry to standard error.
const out = await stdio.open({}, new FakeHost())
const err = await stdio.open({ log_stream: 'STDERR', output_as_json: false }, new FakeHost())
await out.report([instanceOf('metric', 'm.instance.test', { value: int(1) })], callWith())
await err.report(
  [instanceOf('logentry', 'l.instance.test', { variables: { note: text('hello') }, severity: 'error' })],
  callWith(),
)
await Promise.all([out.close(), err.close()])
