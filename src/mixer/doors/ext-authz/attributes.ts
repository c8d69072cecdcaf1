import type { AttributeBag, Vocabulary } from '../../attributes/index.js'
import type { CertificateFacts, Certificates } from '../envoy/certificate.js'
import { forwardedCertificate, forwardedClient } from '../envoy/forwarded.js'
import { parseIp } from '../envoy/ip.js'
import { fillJwt, jwtForms, jwtNamespace } from '../envoy/jwt.js'
import { hostName, protocolOf, queryParams, urlPath } from '../envoy/path.js'
import { readPrincipal } from '../envoy/principal.js'
import { put, type Slots, slotsOf } from '../envoy/slots.js'
import { flatten, type JsonObject } from '../envoy/struct.js'
import { parseBool, parseInt64, parseTyped } from '../envoy/typed-text.js'
import type { ResolvedExtAuthz } from './options.js'
import type { CheckFacts, HttpFacts, PeerFacts } from './request.js'

/** Every attribute that this door fills. Source: reference wire-envoy-auth, section 7. */
const forms = {
  ...jwtForms,
  'source.ip': 'ip',
  'origin.ip': 'ip',
  'source.port': 'int64',
  'source.address': 'string',
  'source.principal': 'string',
  'source.user': 'string',
  'source.san': 'string',
  'source.namespace': 'string',
  'source.serviceAccount': 'string',
  'source.certificate': 'string',
  'source.certificate.subject': 'string',
  'source.certificate.issuer': 'string',
  'source.certificate.serial': 'string',
  'source.certificate.sha256': 'string',
  'source.certificate.sans': 'string',
  'source.cluster': 'string',
  'source.labels': 'map',
  'destination.ip': 'ip',
  'destination.port': 'int64',
  'destination.principal': 'string',
  'destination.namespace': 'string',
  'destination.labels': 'map',
  'destination.service.host': 'string',
  'connection.requested_server_name': 'string',
  'connection.mtls': 'bool',
  'connection.event': 'string',
  'request.time': 'timestamp',
  'context.time': 'timestamp',
  'request.method': 'string',
  'request.path': 'string',
  'request.host': 'string',
  'request.scheme': 'string',
  'request.url_path': 'string',
  'request.query_params': 'map',
  'request.headers': 'map',
  'request.id': 'string',
  'request.stream_id': 'string',
  'request.useragent': 'string',
  'request.referer': 'string',
  'request.size': 'int64',
  'request.protocol_version': 'string',
  'request.body': 'string',
  'request.raw_body': 'string',
  'request.body_truncated': 'bool',
  'request.api_key': 'string',
  'context.protocol': 'string',
  'context.metadata': 'map',
  'context.route_metadata': 'map',
  'context.extensions': 'map',
  'context.reporter.kind': 'string',
  'context.reporter.uid': 'string',
  'context.proxy_version': 'string',
} as const

export type AuthzSlots = Slots<keyof typeof forms>
export const authzSlots = (vocabulary: Vocabulary): AuthzSlots => slotsOf(vocabulary, forms)

/** What the proxy said of itself in the call's metadata. */
export interface Reporter {
  readonly kind: string | undefined
  readonly uid: string | undefined
  readonly proxyVersion: string | undefined
}

/** Fills a bag from what Envoy asked. What it did not say stays absent. */
export class AuthzAttributes {
  readonly #options: ResolvedExtAuthz
  readonly #certificates: Certificates
  readonly #onBadExtension: (name: string) => void

  constructor(options: ResolvedExtAuthz, certificates: Certificates, onBadExtension: (name: string) => void) {
    this.#options = options
    this.#certificates = certificates
    this.#onBadExtension = onBadExtension
  }

  fill(bag: AttributeBag, slots: AuthzSlots, facts: CheckFacts, reporter: Reporter): void {
    const { http, source, destination } = facts
    put(bag, slots['request.time'], facts.time)
    put(bag, slots['context.time'], facts.time)
    put(bag, slots['context.reporter.kind'], reporter.kind ?? this.#options.reporterKind)
    put(bag, slots['context.reporter.uid'], reporter.uid)
    put(bag, slots['context.proxy_version'], reporter.proxyVersion)
    if (source !== undefined) this.#source(bag, slots, source, http)
    if (destination !== undefined) this.#destination(bag, slots, destination, http)
    put(bag, slots['connection.requested_server_name'], facts.sni)
    if (http !== undefined) this.#http(bag, slots, http)
    else {
      put(bag, slots['context.protocol'], 'tcp')
      put(bag, slots['connection.event'], 'open')
    }
    this.#metadata(bag, slots, facts)
    if (facts.extensions !== undefined) this.#extensions(bag, slots, facts.extensions)
  }

  #source(bag: AttributeBag, slots: AuthzSlots, source: PeerFacts, http: HttpFacts | undefined): void {
    const { forwardedHops } = this.#options
    put(bag, slots['source.ip'], source.address?.ip)
    const header = forwardedHops > 0 ? http?.headers.get('x-forwarded-for') : undefined
    const client = header === undefined ? undefined : forwardedClient(header, forwardedHops)
    put(bag, slots['origin.ip'], (client === undefined ? undefined : parseIp(client)) ?? source.address?.ip)
    put(bag, slots['source.port'], source.address?.port)
    put(bag, slots['source.address'], source.address?.name)
    put(bag, slots['source.cluster'], source.service)
    put(bag, slots['source.labels'], source.labels)
    let { principal, certificate } = source
    if (principal === '' && certificate === '' && this.#options.forwardedCertificate === 'trusted') {
      const forwarded = http?.headers.get('x-forwarded-client-cert')
      if (forwarded !== undefined) ({ principal, certificate } = forwardedCertificate(forwarded))
    }
    const parsed = certificate === '' ? undefined : this.#certificates.read(certificate)
    if (parsed !== undefined) putCertificate(bag, slots, parsed)
    if (principal === '' && parsed !== undefined) principal = parsed.principal
    const who = readPrincipal(principal)
    put(bag, slots['source.principal'], who?.name)
    put(bag, slots['source.user'], who?.name)
    put(bag, slots['source.san'], principal)
    put(bag, slots['source.namespace'], who?.namespace)
    put(bag, slots['source.serviceAccount'], who?.serviceAccount)
    if (who !== undefined || certificate !== '') put(bag, slots['connection.mtls'], true)
  }

  #destination(
    bag: AttributeBag,
    slots: AuthzSlots,
    destination: PeerFacts,
    http: HttpFacts | undefined,
  ): void {
    put(bag, slots['destination.ip'], destination.address?.ip)
    put(bag, slots['destination.port'], destination.address?.port)
    put(bag, slots['destination.labels'], destination.labels)
    const who = readPrincipal(destination.principal)
    put(bag, slots['destination.principal'], who?.name)
    put(bag, slots['destination.namespace'], who?.namespace)
    if (http === undefined) put(bag, slots['connection.requested_server_name'], destination.service)
  }

  #http(bag: AttributeBag, slots: AuthzSlots, http: HttpFacts): void {
    const { headers } = http
    const { apiKeyHeader, maxQueryPairs } = this.#options
    put(bag, slots['request.method'], http.method)
    put(bag, slots['request.path'], http.path)
    put(bag, slots['request.host'], http.host)
    put(bag, slots['request.scheme'], http.scheme)
    put(bag, slots['request.stream_id'], http.id)
    put(bag, slots['request.protocol_version'], http.protocol)
    if (http.path !== '') {
      put(bag, slots['request.url_path'], urlPath(http.path))
      if (slots['request.query_params'] >= 0)
        put(bag, slots['request.query_params'], queryParams(http.path, maxQueryPairs))
    }
    put(bag, slots['destination.service.host'], hostName(http.host))
    if (!headers.isEmpty) {
      put(bag, slots['request.headers'], headers)
      putHeader(bag, slots['request.id'], http, 'x-request-id')
      putHeader(bag, slots['request.useragent'], http, 'user-agent')
      putHeader(bag, slots['request.referer'], http, 'referer')
      putHeader(bag, slots['request.api_key'], http, apiKeyHeader)
      const partial = headers.get('x-envoy-auth-partial-body')
      if (partial !== undefined) put(bag, slots['request.body_truncated'], parseBool(partial))
    }
    const length = headers.get('content-length')
    const size = length === undefined ? undefined : parseInt64(length)
    put(bag, slots['request.size'], size ?? (http.size > 0 ? http.size : undefined))
    put(bag, slots['context.protocol'], protocolOf(headers.get('content-type')))
    if (http.rawBody !== undefined) {
      if (slots['request.raw_body'] >= 0) put(bag, slots['request.raw_body'], http.rawBody.toString('base64'))
      if (slots['request.body'] >= 0) put(bag, slots['request.body'], http.rawBody.toString('utf8'))
    }
    put(bag, slots['request.body'], http.body)
  }

  #metadata(bag: AttributeBag, slots: AuthzSlots, { metadata, routeMetadata }: CheckFacts): void {
    if (metadata !== undefined) {
      const jwt = metadata.get(jwtNamespace)
      if (jwt !== undefined) fillJwt(bag, slots, jwt, this.#options.jwtPayloadKey)
      put(bag, slots['context.metadata'], flattened(metadata, jwtNamespace))
    }
    if (routeMetadata !== undefined) put(bag, slots['context.route_metadata'], flattened(routeMetadata, ''))
  }

  /** What an operator wrote on the route wins over what was derived. */
  #extensions(bag: AttributeBag, slots: AuthzSlots, extensions: Map<string, string>): void {
    const rest = new Map<string, string>()
    for (const [name, text] of extensions) {
      const slot = bag.vocabulary.slot(name)
      if (slot === undefined) {
        rest.set(name, text)
        continue
      }
      const value = parseTyped(bag.vocabulary.type(slot), text)
      if (value !== undefined) bag.set(slot, value)
      else if (text !== '') this.#onBadExtension(name)
    }
    if (rest.size > 0) put(bag, slots['context.extensions'], rest)
  }
}

function putCertificate(bag: AttributeBag, slots: AuthzSlots, certificate: CertificateFacts): void {
  put(bag, slots['source.certificate'], certificate.pem)
  put(bag, slots['source.certificate.subject'], certificate.subject)
  put(bag, slots['source.certificate.issuer'], certificate.issuer)
  put(bag, slots['source.certificate.serial'], certificate.serial)
  put(bag, slots['source.certificate.sha256'], certificate.sha256)
  put(bag, slots['source.certificate.sans'], certificate.names.join(','))
}

/** A header as an attribute, only when the attribute is declared. */
function putHeader(bag: AttributeBag, slot: number, http: HttpFacts, name: string): void {
  if (slot >= 0) put(bag, slot, http.headers.get(name))
}

/** Scalars by `namespace/path`, without one namespace; undefined when there are none. */
function flattened(
  metadata: ReadonlyMap<string, JsonObject>,
  without: string,
): ReadonlyMap<string, string> | undefined {
  const flat = new Map<string, string>()
  for (const [namespace, content] of metadata) if (namespace !== without) flatten(namespace, content, flat)
  return flat.size > 0 ? flat : undefined
}
