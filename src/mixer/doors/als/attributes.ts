import type { AttributeBag, Instant, Int64, Vocabulary } from '../../attributes/index.js'
import { fillJwt, jwtForms, jwtNamespace } from '../envoy/jwt.js'
import { readPrincipal } from '../envoy/principal.js'
import { put, type Slots, slotsOf } from '../envoy/slots.js'
import { flatten } from '../envoy/struct.js'
import { parseTyped } from '../envoy/typed-text.js'
import { extAuthzNamespaces, fillDecision, fillRbac, policyForms, rbacNamespace } from './decisions.js'
import type { CommonFacts } from './entry.js'
import { connectionEvent, logTypes } from './flags.js'
import { fillHttp, httpForms } from './http.js'
import { type Identifier, type LogEntry, later } from './message.js'
import type { ResolvedAls } from './options.js'
import type { TcpDeltas } from './tcp-deltas.js'

/** Every attribute that this door fills. Source: reference wire-envoy-als, section 4. */
const forms = {
  ...jwtForms,
  ...httpForms,
  ...policyForms,
  'context.reporter.uid': 'string',
  'context.reporter.kind': 'string',
  'context.reporter.cluster': 'string',
  'context.reporter.metadata': 'map',
  'context.proxy_version': 'string',
  'context.log_name': 'string',
  'context.log_type': 'string',
  'context.time': 'timestamp',
  'context.timestamp': 'timestamp',
  'context.proxy_error_code': 'string',
  'context.tags': 'map',
  'context.metadata': 'map',
  'source.ip': 'ip',
  'source.port': 'int64',
  'origin.ip': 'ip',
  'source.uid': 'string',
  'source.principal': 'string',
  'source.namespace': 'string',
  'source.serviceAccount': 'string',
  'destination.uid': 'string',
  'destination.ip': 'ip',
  'destination.port': 'int64',
  'destination.principal': 'string',
  'destination.service.host': 'string',
  'upstream.ip': 'ip',
  'upstream.port': 'int64',
  'upstream.cluster': 'string',
  'upstream.duration': 'duration',
  'upstream.attempts': 'int64',
  'request.route': 'string',
  'request.time': 'timestamp',
  'response.time': 'timestamp',
  'response.duration': 'duration',
  'response.first_byte_duration': 'duration',
  'response.flags': 'string',
  'connection.duration': 'duration',
  'connection.mtls': 'bool',
  'connection.requested_server_name': 'string',
  'connection.tls.version': 'string',
  'connection.tls.cipher': 'int64',
  'connection.tls.session_id': 'string',
  'connection.tls.ja3': 'string',
  'connection.failure_reason': 'string',
  'connection.event': 'string',
  'connection.id': 'string',
  'connection.received.bytes': 'int64',
  'connection.received.bytes_total': 'int64',
  'connection.sent.bytes': 'int64',
  'connection.sent.bytes_total': 'int64',
} as const

export type AlsSlots = Slots<keyof typeof forms>
export const alsSlots = (vocabulary: Vocabulary): AlsSlots => slotsOf(vocabulary, forms)

/** Offsets of AccessLogCommon from the start, by field number. */
const firstUpstreamTx = 7
const firstUpstreamRx = 9
const firstDownstreamTx = 11
const lastDownstreamTx = 12
const wholeDuration = 23

/** Fills a bag from one log entry. What the entry does not say stays absent. */
export class AlsAttributes {
  readonly #options: ResolvedAls
  readonly #deltas: TcpDeltas
  readonly #onBadTag: (name: string) => void

  constructor(options: ResolvedAls, deltas: TcpDeltas, onBadTag: (name: string) => void) {
    this.#options = options
    this.#deltas = deltas
    this.#onBadTag = onBadTag
  }

  fill(bag: AttributeBag, slots: AlsSlots, entry: LogEntry, identifier: Identifier, arrival: Instant): void {
    const { common, http } = entry
    const kind = this.#options.reporterKinds.get(identifier.logName) ?? this.#options.reporterKind
    fillReporter(bag, slots, identifier, kind)
    fillPeers(bag, slots, common, kind)
    fillTimes(bag, slots, entry, arrival)
    fillTls(bag, slots, common)
    fillUpstream(bag, slots, common)
    put(bag, slots['context.proxy_error_code'], common.responseFlags)
    put(bag, slots['response.flags'], common.responseFlags)
    put(bag, slots['context.log_type'], logTypes[common.logType])
    put(bag, slots['request.route'], common.routeName)
    const failure = common.upstreamFailure || common.downstreamFailure || common.termination
    put(bag, slots['connection.failure_reason'], failure)
    if (http !== undefined) {
      fillHttp(bag, slots, http, common)
      if (common.logType === 5) put(bag, slots['connection.event'], 'continue')
    } else this.#tcp(bag, slots, entry)
    this.#metadata(bag, slots, common)
    if (common.customTags !== undefined) this.#tags(bag, slots, common.customTags)
  }

  #tcp(bag: AttributeBag, slots: AlsSlots, { common, received, sent }: LogEntry): void {
    const event = connectionEvent(common.logType, common.intermediate)
    const id = connectionId(common)
    put(bag, slots['context.protocol'], 'tcp')
    put(bag, slots['connection.event'], event)
    put(bag, slots['connection.id'], id)
    put(bag, slots['connection.received.bytes_total'], received)
    put(bag, slots['connection.sent.bytes_total'], sent)
    const total = { received, sent }
    const more = event === 'close' ? 'last' : 'more'
    const delta = id === undefined ? total : this.#deltas.since(id, received, sent, more)
    put(bag, slots['connection.received.bytes'], delta.received)
    put(bag, slots['connection.sent.bytes'], delta.sent)
  }

  #metadata(bag: AttributeBag, slots: AlsSlots, { metadata }: CommonFacts): void {
    if (metadata === undefined) return
    const rest = new Map<string, string>()
    for (const [namespace, content] of metadata) {
      if (namespace === jwtNamespace) fillJwt(bag, slots, content, this.#options.jwtPayloadKey)
      else if (extAuthzNamespaces.has(namespace)) fillDecision(bag, slots, content)
      else if (namespace === rbacNamespace) fillRbac(bag, slots, content)
      else flatten(namespace, content, rest)
    }
    if (rest.size > 0) put(bag, slots['context.metadata'], rest)
  }

  /** Custom tags that are named like attributes are attributes: an operator wrote them, so they win. */
  #tags(bag: AttributeBag, slots: AlsSlots, tags: ReadonlyMap<string, string>): void {
    const rest = new Map<string, string>()
    for (const [name, text] of tags) {
      const slot = bag.vocabulary.slot(name)
      const value = slot === undefined ? undefined : parseTyped(bag.vocabulary.type(slot), text)
      if (slot === undefined) rest.set(name, text)
      else if (value !== undefined) bag.set(slot, value)
      else if (text !== '') this.#onBadTag(name)
    }
    if (rest.size > 0) put(bag, slots['context.tags'], rest)
  }
}

function fillReporter(bag: AttributeBag, slots: AlsSlots, identifier: Identifier, kind: string): void {
  put(bag, slots['context.reporter.kind'], kind)
  put(bag, slots['context.reporter.uid'], identifier.nodeId)
  put(bag, slots['context.reporter.cluster'], identifier.cluster)
  put(bag, slots['context.proxy_version'], identifier.version)
  put(bag, slots['context.log_name'], identifier.logName)
  // Istio's node ids: sidecar~10.1.2.3~pod.namespace~domain
  const pod = /^(?:sidecar|router|ingress)~[^~]*~([^~]+)~/.exec(identifier.nodeId)?.[1]
  if (pod !== undefined)
    put(bag, slots[kind === 'outbound' ? 'source.uid' : 'destination.uid'], `kubernetes://${pod}`)
  const metadata = new Map<string, string>()
  flatten('', identifier.metadata, metadata)
  if (metadata.size > 0) put(bag, slots['context.reporter.metadata'], metadata)
}

function fillPeers(bag: AttributeBag, slots: AlsSlots, common: CommonFacts, kind: string): void {
  const peer = common.direct ?? common.remote
  put(bag, slots['source.ip'], peer?.ip)
  put(bag, slots['source.port'], peer?.port)
  put(bag, slots['origin.ip'], common.remote?.ip)
  const target = kind === 'outbound' ? common.upstream : common.local
  put(bag, slots['destination.ip'], target?.ip)
  put(bag, slots['destination.port'], target?.port)
}

function fillTimes(bag: AttributeBag, slots: AlsSlots, { common, http }: LogEntry, arrival: Instant): void {
  const { start, spans } = common
  const answered = spans[lastDownstreamTx] ?? spans[wholeDuration]
  const end = start !== undefined && typeof answered === 'number' ? later(start, answered) : undefined
  put(bag, slots['request.time'], start)
  put(bag, slots['response.time'], end)
  put(bag, slots['context.time'], end ?? arrival)
  put(bag, slots['context.timestamp'], end ?? arrival)
  const whole = spans[wholeDuration] ?? spans[lastDownstreamTx]
  put(bag, slots[http === undefined ? 'connection.duration' : 'response.duration'], whole)
  put(bag, slots['response.first_byte_duration'], spans[firstDownstreamTx])
}

function fillTls(bag: AttributeBag, slots: AlsSlots, { tls }: CommonFacts): void {
  if (tls === undefined) return
  const peer = readPrincipal(tls.peer?.principal ?? '')
  put(bag, slots['source.principal'], peer?.name)
  put(bag, slots['source.namespace'], peer?.namespace)
  put(bag, slots['source.serviceAccount'], peer?.serviceAccount)
  put(bag, slots['destination.principal'], readPrincipal(tls.local?.principal ?? '')?.name)
  // The TLS inspector alone gives a server name without a version: then nothing was terminated here.
  if (tls.peer !== undefined || tls.version !== '') put(bag, slots['connection.mtls'], tls.peer !== undefined)
  put(bag, slots['connection.requested_server_name'], tls.serverName)
  put(bag, slots['connection.tls.version'], tls.version)
  put(bag, slots['connection.tls.cipher'], tls.cipher || undefined)
  put(bag, slots['connection.tls.session_id'], tls.sessionId)
  put(bag, slots['connection.tls.ja3'], tls.ja3)
}

function fillUpstream(bag: AttributeBag, slots: AlsSlots, common: CommonFacts): void {
  put(bag, slots['upstream.ip'], common.upstream?.ip)
  put(bag, slots['upstream.port'], common.upstream?.port)
  put(bag, slots['upstream.cluster'], common.upstreamCluster)
  put(bag, slots['upstream.attempts'], common.attempts || undefined)
  put(
    bag,
    slots['upstream.duration'],
    difference(common.spans[firstUpstreamRx], common.spans[firstUpstreamTx]),
  )
  // Istio's cluster names: outbound|9080|v1|reviews.default.svc.cluster.local
  const parts = common.upstreamCluster.split('|')
  if (parts.length === 4) put(bag, slots['destination.service.host'], parts[3])
}

function difference(later: Int64 | undefined, earlier: Int64 | undefined): number | undefined {
  if (typeof later !== 'number' || typeof earlier !== 'number' || later < earlier) return undefined
  return later - earlier
}

/** undefined: the entry has nothing that tells its connection from another, so that its totals are all there is. */
function connectionId(common: CommonFacts): string | undefined {
  const { streamId, start, remote, local } = common
  if (streamId !== '') return streamId
  if (start === undefined && remote === undefined && local === undefined) return undefined
  return `${start === undefined ? '' : `${start.seconds}.${start.nanos}`}/${peerText(common)}`
}

function peerText({ remote, local }: CommonFacts): string {
  return [remote, local].map(peer => `${peer?.ip?.join('.') ?? ''}:${peer?.port ?? ''}`).join('/')
}
