import type { Place } from '../source/place.js'
import type { Envelope } from './envelope.js'
import { type Located, type MessageReader, readMessage } from './reader.js'
import { readService, type ServiceDocument } from './service.js'

export interface QuotaSpecDocument {
  readonly envelope: Envelope
  readonly rules: readonly QuotaRuleDocument[]
}

export interface QuotaRuleDocument {
  /** Any clause set may hold; none: always. */
  readonly match: readonly ClauseSet[]
  readonly quotas: readonly QuotaDocument[]
}

export interface QuotaDocument {
  readonly name: string
  readonly charge: number
  readonly place: Place
}

/** All clauses must hold. */
export type ClauseSet = readonly {
  readonly attribute: string
  readonly place: Place
  readonly condition: StringMatchDocument
}[]

export type StringMatchDocument =
  | { readonly kind: 'exact' | 'prefix'; readonly text: string }
  | { readonly kind: 'regex'; readonly text: string; readonly place: Place }

export interface QuotaSpecBindingDocument {
  readonly envelope: Envelope
  readonly services: readonly ServiceDocument[]
  readonly specs: readonly SpecReference[]
}

export interface SpecReference {
  readonly name: Located<string>
  readonly namespace: string
}

/** `kind: QuotaSpec`. Source: `istio.mixer.v1.config.client.QuotaSpec`. */
export function readQuotaSpec(envelope: Envelope): QuotaSpecDocument | undefined {
  return readMessage(envelope.spec, envelope.report, 'QuotaSpec', reader => ({
    envelope,
    rules: reader.messages('rules', rule => ({
      match: rule.messages('match', readClauses),
      quotas: rule.messages('quotas', readQuota).filter(quota => quota.name !== ''),
    })),
  }))
}

function readQuota(reader: MessageReader): QuotaDocument {
  const name = reader.requiredText('quota', 'name the quota: the short name of a quota instance')
  return {
    name: name?.value ?? '',
    place: name?.place ?? reader.node.place,
    // Protobuf's default of an absent charge is 0, which would charge nothing; the clients take it as 1.
    charge: reader.integer('charge', { min: 0, max: 2_147_483_647 }) || 1,
  }
}

function readClauses(reader: MessageReader): ClauseSet {
  return reader.entries('clause').flatMap(([attribute, place, node]) => {
    const condition = readMessage(node, reader.report, `clause "${attribute}"`, readStringMatch)
    return condition === undefined ? [] : [{ attribute, place, condition }]
  })
}

function readStringMatch(reader: MessageReader): StringMatchDocument | undefined {
  const exact = reader.text('exact')
  const prefix = reader.text('prefix')
  const regex = reader.text('regex')
  reader.exclusive(exact, prefix, 'exact and prefix')
  reader.exclusive(exact ?? prefix, regex, `${exact ? 'exact' : 'prefix'} and regex`)
  if (exact !== undefined) return { kind: 'exact', text: exact.value }
  if (prefix !== undefined) return { kind: 'prefix', text: prefix.value }
  if (regex !== undefined) return { kind: 'regex', text: regex.value, place: regex.place }
  reader.missing('exact', 'say what to compare with: exact, prefix or regex')
  return undefined
}

/** `kind: QuotaSpecBinding`. Source: `istio.mixer.v1.config.client.QuotaSpecBinding`. */
export function readQuotaSpecBinding(envelope: Envelope): QuotaSpecBindingDocument | undefined {
  return readMessage(envelope.spec, envelope.report, 'QuotaSpecBinding', reader => ({
    envelope,
    services: readServices(reader, envelope),
    specs: readSpecReferences(reader, 'quota_specs', envelope),
  }))
}

export function readServices(reader: MessageReader, { namespace }: Envelope): ServiceDocument[] {
  if (reader.field('services') === undefined)
    reader.missing('services', 'name the services: services: [{name: cart}], or service: "*" for all')
  return reader
    .messages('services', service => readService(service, namespace))
    .filter(service => service !== undefined)
}

export function readSpecReferences(
  reader: MessageReader,
  field: string,
  { namespace }: Envelope,
): SpecReference[] {
  return reader
    .messages(field, reference => {
      const name = reference.requiredText('name', 'name the document to bind')
      const other = reference.text('namespace')
      return name && { name, namespace: other?.value || namespace }
    })
    .filter(reference => reference !== undefined)
}
