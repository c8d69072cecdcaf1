import type { Test } from 'tap'
import type { AttributeBag, Declaration } from '../../src/mixer/attributes/index.js'
import { type AlsOptions, resolveAls } from '../../src/mixer/doors/als/options.js'
import { alsService } from '../../src/mixer/doors/als/service.js'
import type { ReportAnswer } from '../../src/mixer/engine/api.js'
import { encode } from './protos.js'
import { serve } from './serving.js'
import { ByteClient, contents, counting, ManualClock, scripted, vocabularyOf } from './support.js'

const path = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs'
export const message = (body: Record<string, unknown>) =>
  encode('envoy.service.accesslog.v3.StreamAccessLogsMessage', body)

const strings = [
  'context.reporter.uid', 'context.reporter.kind', 'context.reporter.cluster', 'context.proxy_version',
  'context.log_name', 'context.log_type', 'context.protocol', 'context.proxy_error_code', 'destination.uid',
  'source.uid', 'destination.principal', 'destination.service.host', 'upstream.cluster', 'request.route',
  'request.scheme', 'request.url_path', 'request.useragent', 'request.referer', 'request.id',
  'request.protocol_version', 'request.original_path', 'response.grpc_status', 'response.grpc_message',
  'response.code_details', 'response.flags', 'connection.requested_server_name', 'connection.tls.version',
  'connection.event', 'connection.id', 'connection.failure_reason', 'check.error_message',
  'rbac.permissive.response_code', 'rbac.permissive.effective_policy_id', 'request.auth.principal', 'team',
] // biome-ignore format: a list of names
const integers = [
  'destination.port', 'upstream.port', 'upstream.attempts', 'request.total_size', 'response.code', 'response.size',
  'response.total_size', 'connection.tls.cipher', 'check.error_code', 'connection.received.bytes',
  'connection.received.bytes_total', 'connection.sent.bytes', 'connection.sent.bytes_total',
] // biome-ignore format: a list of names
const maps = [
  'context.reporter.metadata',
  'context.tags',
  'context.metadata',
  'request.query_params',
  'response.headers',
]
const more: readonly Declaration[] = [
  ...strings.map(name => ({ name, type: 'STRING' }) as const),
  ...integers.map(name => ({ name, type: 'INT64' }) as const),
  ...maps.map(name => ({ name, type: 'STRING_MAP' }) as const),
  { name: 'destination.ip', type: 'IP_ADDRESS' },
  { name: 'upstream.ip', type: 'IP_ADDRESS' },
  { name: 'upstream.duration', type: 'DURATION' },
  { name: 'connection.duration', type: 'DURATION' },
  { name: 'response.first_byte_duration', type: 'DURATION' },
  { name: 'response.time', type: 'TIMESTAMP' },
  { name: 'context.time', type: 'TIMESTAMP' },
  { name: 'context.timestamp', type: 'TIMESTAMP' },
  { name: 'check.cache_hit', type: 'BOOL' },
]

export interface Setup {
  readonly kind?: 'grpc-js' | 'http2'
  readonly options?: AlsOptions
  report?(bags: readonly AttributeBag[]): ReportAnswer | Promise<ReportAnswer>
}

/** An open stream of logs to a door, and everything that the engine got. */
export async function stream(t: Test, setup: Setup = {}) {
  const { telemetry, counts } = counting()
  const bags: Record<string, unknown>[] = []
  const engine = scripted({
    vocabulary: vocabularyOf(more),
    report: async taken => {
      for (const bag of taken) bags.push(contents(bag))
      return (await setup.report?.(taken)) ?? { kind: 'taken' }
    },
  })
  const clock = new ManualClock(1_700_000_000_500)
  const service = alsService({ engine, telemetry, clock, options: resolveAls(setup.options) })
  const { server, address } = await serve(t, { kind: setup.kind ?? 'grpc-js', services: [service] })
  const client = new ByteClient(address)
  t.teardown(() => client.close())
  const asIs = (bytes: Buffer) => bytes
  let settle: (result: { code: number; answer: Buffer | undefined }) => void = () => {}
  const result = new Promise<{ code: number; answer: Buffer | undefined }>(resolve => {
    settle = resolve
  })
  const call = client.raw.makeClientStreamRequest(path, asIs, asIs, (error, answer) =>
    settle({ code: error?.code ?? 0, answer: answer as Buffer | undefined }),
  )
  return { call, result, bags, counts, server }
}

/** A duration. */
export const ms = (milliseconds: number) => ({ nanos: milliseconds * 1_000_000 })
