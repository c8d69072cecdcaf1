import type { Node } from '../source/node.js'
import type { Place } from '../source/place.js'
import type { Envelope } from './envelope.js'
import { type QuotaSpecBindingDocument, readServices, readSpecReferences } from './quota-spec.js'
import { type Located, type MessageReader, readMessage } from './reader.js'

export interface ApiSpecDocument {
  readonly envelope: Envelope
  /** Added when any pattern matches. */
  readonly attributes: readonly GivenAttribute[]
  readonly patterns: readonly ApiPatternDocument[]
  /** Where to find the key; the first that is there wins. */
  readonly apiKeys: readonly ApiKeySource[]
}

export interface ApiPatternDocument {
  readonly attributes: readonly GivenAttribute[]
  /** Empty: any method. */
  readonly method: string
  readonly pattern:
    | { readonly kind: 'template'; readonly text: Located<string> }
    | { readonly kind: 'regex'; readonly text: Located<string> }
}

export interface ApiKeySource {
  readonly from: 'query' | 'header' | 'cookie'
  readonly name: string
}

/** An attribute with a fixed value, as `istio.mixer.v1.Attributes.AttributeValue` writes it. */
export interface GivenAttribute {
  readonly name: string
  readonly place: Place
  /** The member that was given, in snake_case: `string_value`, `int64_value`, … */
  readonly member: string
  readonly value: Node
}

/** The same shape for both kinds of binding. */
export type ApiSpecBindingDocument = QuotaSpecBindingDocument

const members = [
  'string_value',
  'int64_value',
  'double_value',
  'bool_value',
  'bytes_value',
  'timestamp_value',
  'duration_value',
  'string_map_value',
] as const

/** The places where clients look when a document names none. Source: reference wire-policy-config, section 2. */
const defaultApiKeys: readonly ApiKeySource[] = [
  { from: 'query', name: 'key' },
  { from: 'query', name: 'api_key' },
  { from: 'header', name: 'x-api-key' },
]

/** `kind: HTTPAPISpec`. Source: `istio.mixer.v1.config.client.HTTPAPISpec`. */
export function readApiSpec(envelope: Envelope): ApiSpecDocument | undefined {
  return readMessage(envelope.spec, envelope.report, 'HTTPAPISpec', reader => {
    const apiKeys = reader.messages('api_keys', readApiKey).filter(key => key !== undefined)
    return {
      envelope,
      attributes: reader.message('attributes', readAttributes) ?? [],
      patterns: reader.messages('patterns', readPattern).filter(pattern => pattern !== undefined),
      apiKeys: apiKeys.length === 0 ? defaultApiKeys : apiKeys,
    }
  })
}

function readPattern(reader: MessageReader): ApiPatternDocument | undefined {
  const attributes = reader.message('attributes', readAttributes) ?? []
  const method = reader.text('http_method')?.value ?? ''
  const template = reader.text('uri_template')
  const regex = reader.text('regex')
  reader.exclusive(template, regex, 'uriTemplate and regex')
  if (template !== undefined) return { attributes, method, pattern: { kind: 'template', text: template } }
  if (regex !== undefined) return { attributes, method, pattern: { kind: 'regex', text: regex } }
  reader.missing('uri_template', 'say which paths: uriTemplate: /items/{id}, or regex')
  return undefined
}

function readApiKey(reader: MessageReader): ApiKeySource | undefined {
  const query = reader.text('query')
  const header = reader.text('header')
  const cookie = reader.text('cookie')
  reader.exclusive(query, header, 'query and header')
  reader.exclusive(query ?? header, cookie, `${query ? 'query' : 'header'} and cookie`)
  if (query !== undefined) return { from: 'query', name: query.value }
  if (header !== undefined) return { from: 'header', name: header.value.toLowerCase() }
  if (cookie !== undefined) return { from: 'cookie', name: cookie.value }
  reader.missing('header', 'say where the key is: query, header or cookie')
  return undefined
}

function readAttributes(reader: MessageReader): GivenAttribute[] {
  return reader.entries('attributes').flatMap(([name, place, node]) => {
    const given = readMessage(node, reader.report, `attribute "${name}"`, value => {
      const found = members.flatMap(member => {
        const held = value.field(member)
        return held === undefined ? [] : [{ name, place, member, value: held }]
      })
      if (found.length > 1) value.exclusive(found[0], found[1], `${found[0]?.member} and ${found[1]?.member}`)
      if (found.length === 0) value.missing('string_value', 'give its value, for example stringValue: cart')
      return found[0]
    })
    return given === undefined ? [] : [given]
  })
}

/** `kind: HTTPAPISpecBinding`. Source: `istio.mixer.v1.config.client.HTTPAPISpecBinding`. */
export function readApiSpecBinding(envelope: Envelope): ApiSpecBindingDocument | undefined {
  return readMessage(envelope.spec, envelope.report, 'HTTPAPISpecBinding', reader => ({
    envelope,
    services: readServices(reader, envelope),
    specs: readSpecReferences(reader, 'api_specs', envelope),
  }))
}
