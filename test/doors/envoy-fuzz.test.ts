import fc from 'fast-check'
import t from 'tap'
import { readEntry, readMessage } from '../../src/mixer/doors/als/message.js'
import { decodeCheckRequest } from '../../src/mixer/doors/ext-authz/request.js'
import { encode } from './protos.js'

const runs = Number(process.env.OUTBOARD_FUZZ ?? 300) * 3

const address = { socket_address: { address: '10.0.0.1', port_value: 80 } }
const structure = {
  fields: {
    a: {
      structValue: { fields: { b: { listValue: { values: [{ stringValue: 'c' }, { boolValue: true }] } } } },
    },
  },
}
const checkRequest = encode('envoy.service.auth.v3.CheckRequest', {
  attributes: {
    source: { address, principal: 'p', labels: { a: 'b' } },
    destination: { address: { pipe: { path: '/p' } } },
    request: {
      time: { seconds: 1, nanos: 2 },
      http: {
        method: 'GET',
        headers: { a: 'b', c: 'd' },
        header_map: { headers: [{ key: 'e', raw_value: Buffer.from('f') }] },
        size: -1,
        raw_body: Buffer.from('body'),
      },
    },
    context_extensions: { x: 'y' },
    metadata_context: { filter_metadata: { n: structure } },
    tls_session: { sni: 's' },
  },
})
const entry = {
  common_properties: {
    downstream_remote_address: address,
    tls_properties: {
      tls_version: 3,
      peer_certificate_properties: { subject_alt_name: [{ uri: 'u' }, { dns: 'd' }] },
    },
    start_time: { seconds: 1 },
    duration: { nanos: 5 },
    response_flags: { upstream_overflow: true, unauthorized_details: {} },
    metadata: { filter_metadata: { n: structure } },
    custom_tags: { a: 'b' },
    access_log_type: 6,
  },
  request: { request_method: 1, path: '/', request_headers: { a: 'b' } },
  response: { response_code: { value: 200 }, response_trailers: { a: 'b' } },
}
const logMessage = encode('envoy.service.accesslog.v3.StreamAccessLogsMessage', {
  identifier: {
    log_name: 'l',
    node: { id: 'i', metadata: structure, user_agent_build_version: { version: { minor_number: 40 } } },
  },
  http_logs: { log_entry: [entry, entry] },
})

const mutations = fc.array(
  fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'insert', 'remove')),
  {
    minLength: 1,
    maxLength: 5,
  },
)

function mutated(original: Buffer, changes: readonly (readonly [number, number, string])[]): Buffer {
  let bytes = Buffer.from(original)
  for (const [place, byte, how] of changes) {
    const at = bytes.length === 0 ? 0 : place % bytes.length
    if (how === 'set') bytes[at] = byte
    else if (how === 'cut') bytes = bytes.subarray(0, at)
    else if (how === 'insert')
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)])
    else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
  }
  return bytes
}

t.test('mutated checks of Envoy are read or refused, and never throw', t => {
  const outcomes = { read: 0, refused: 0 }
  fc.assert(
    fc.property(mutations, changes => {
      const facts = decodeCheckRequest(mutated(checkRequest, changes))
      if ('malformed' in facts) outcomes.refused++
      else {
        outcomes.read++
        for (const [name, value] of facts.http?.headers.entries() ?? [])
          if (facts.http?.headers.get(name) !== value) throw new Error(name)
      }
    }),
    { numRuns: runs },
  )
  t.ok(outcomes.read > 0 && outcomes.refused > 0, JSON.stringify(outcomes))
  t.end()
})

t.test('mutated access logs are read or refused, and never throw', t => {
  const outcomes = { read: 0, refused: 0, entryRefused: 0 }
  fc.assert(
    fc.property(mutations, changes => {
      const message = readMessage(mutated(logMessage, changes))
      if ('malformed' in message) outcomes.refused++
      else {
        outcomes.read++
        for (const raw of message.entries) if ('malformed' in readEntry(raw)) outcomes.entryRefused++
      }
    }),
    { numRuns: runs },
  )
  t.ok(outcomes.read > 0 && outcomes.refused > 0 && outcomes.entryRefused > 0, JSON.stringify(outcomes))
  t.end()
})
