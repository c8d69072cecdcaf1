import type { Test } from 'tap'
import type { Declaration } from '../../src/mixer/attributes/index.js'
import { type ExtAuthzOptions, resolveExtAuthz } from '../../src/mixer/doors/ext-authz/options.js'
import { extAuthzService } from '../../src/mixer/doors/ext-authz/service.js'
import { decode, encode } from './protos.js'
import { connected } from './serving.js'
import { counting, realClock, type Script, scripted, vocabularyOf } from './support.js'

const path = '/envoy.service.auth.v3.Authorization/Check'

const more: readonly Declaration[] = [
  { name: 'source.san', type: 'STRING' },
  { name: 'source.serviceAccount', type: 'STRING' },
  { name: 'source.cluster', type: 'STRING' },
  { name: 'source.labels', type: 'STRING_MAP' },
  { name: 'source.address', type: 'STRING' },
  { name: 'destination.ip', type: 'IP_ADDRESS' },
  { name: 'destination.port', type: 'INT64' },
  { name: 'destination.principal', type: 'STRING' },
  { name: 'destination.namespace', type: 'STRING' },
  { name: 'destination.labels', type: 'STRING_MAP' },
  { name: 'destination.service.host', type: 'DNS_NAME' },
  { name: 'destination.service.name', type: 'STRING' },
  { name: 'connection.requested_server_name', type: 'STRING' },
  { name: 'connection.event', type: 'STRING' },
  { name: 'context.time', type: 'TIMESTAMP' },
  { name: 'context.protocol', type: 'STRING' },
  { name: 'context.reporter.kind', type: 'STRING' },
  { name: 'context.metadata', type: 'STRING_MAP' },
  { name: 'context.route_metadata', type: 'STRING_MAP' },
  { name: 'context.extensions', type: 'STRING_MAP' },
  { name: 'request.scheme', type: 'STRING' },
  { name: 'request.url_path', type: 'STRING' },
  { name: 'request.query_params', type: 'STRING_MAP' },
  { name: 'request.id', type: 'STRING' },
  { name: 'request.stream_id', type: 'STRING' },
  { name: 'request.useragent', type: 'STRING' },
  { name: 'request.referer', type: 'STRING' },
  { name: 'request.protocol_version', type: 'STRING' },
  { name: 'request.body', type: 'STRING' },
  { name: 'request.raw_body', type: 'STRING' },
  { name: 'request.body_truncated', type: 'BOOL' },
  { name: 'request.api_key', type: 'STRING' },
  { name: 'request.auth.principal', type: 'STRING' },
  { name: 'request.auth.audiences', type: 'STRING' },
  { name: 'request.auth.presenter', type: 'STRING' },
  { name: 'request.auth.claims', type: 'STRING_MAP' },
  { name: 'request.auth.raw_claims', type: 'STRING' },
]

export interface Setup extends Script {
  readonly options?: ExtAuthzOptions
}

/** The door with an engine that does what the test says, and a client that asks it. */
export async function door(t: Test, setup: Setup) {
  const { telemetry, counts } = counting()
  const vocabulary = vocabularyOf(more)
  const options = resolveExtAuthz(setup.options)
  const engine = scripted({ vocabulary, ...setup })
  const service = extAuthzService({ engine, telemetry, clock: realClock, options })
  const client = await connected(t, { kind: 'grpc-js', services: [service] })
  const raw = (bytes: Buffer, metadata = {}) => client.call(path, bytes, metadata)
  return {
    counts,
    raw,
    ask: async (attributes: Record<string, unknown>, metadata = {}) => {
      const { code, details, message } = await raw(
        encode('envoy.service.auth.v3.CheckRequest', { attributes }),
        metadata,
      )
      return {
        code,
        details,
        answer: message && decode('envoy.service.auth.v3.CheckResponse', message),
      }
    },
  }
}
