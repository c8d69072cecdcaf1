import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { resolveServeOptions } from '../../src/cli/serve/resolve.js'
import { startTelemetry } from '../../src/cli/serve/telemetry.js'
import { renderPrometheus } from '../../src/mixer/telemetry/index.js'
import { TestShell } from './shell.js'

/** A collector that remembers which paths were posted to, and how much. */
async function collector(t: Test) {
  const posted = new Map<string, number>()
  const server: Server = createServer((request, response) => {
    let bytes = 0
    request.on('data', chunk => {
      bytes += chunk.length
    })
    request.on('end', () => {
      posted.set(request.url ?? '', (posted.get(request.url ?? '') ?? 0) + bytes)
      response.end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  return { posted, endpoint: `http://127.0.0.1:${port}` }
}

const defaults = resolveServeOptions({ flags: {}, env: {}, settingsFile: undefined })

t.test('without a collector there are metrics and logs, and nothing is traced', async t => {
  const terminal = new TestShell()
  const { telemetry, stop } = await startTelemetry(terminal, defaults)
  t.equal(telemetry.span('check', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`), undefined)
  telemetry.log.info('hello', { token: 'T' })
  t.match(JSON.parse(terminal.stderr.split('\n')[0] ?? ''), { event: 'hello', token: '[redacted]' })
  for (let i = 0; i < 12; i++) telemetry.log.warn('again')
  const scrape = renderPrometheus(telemetry.metrics)
  t.match(scrape, /^process_cpu_seconds_total [0-9.]+$/m)
  t.match(scrape, /^outboard_build_info\{version="[^"]+",node="[^"]+"\} 1$/m)
  t.match(scrape, 'outboard_log_lines_suppressed_total{event="again"} 2')
  await stop()
})

t.test('with an endpoint, traces and metrics arrive at the collector', async t => {
  const { posted, endpoint } = await collector(t)
  const { telemetry, stop } = await startTelemetry(new TestShell(), { ...defaults, otlpEndpoint: endpoint })
  t.equal(telemetry.span('check', undefined), undefined, 'no trace begins here by default')
  telemetry.span('check', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`)?.end()
  telemetry.histogram('some_seconds').record(1)
  await stop()
  t.ok((posted.get('/v1/traces') ?? 0) > 50, 'a span')
  t.ok((posted.get('/v1/metrics') ?? 0) > 500, 'metrics')
})
