import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { standardHost, userHeader, userName } from '../requests/facts.js'
import { extraAttribute } from '../requests/mixer.js'
import { listParamsDescriptor } from './list-params.js'

/** Where a handler runs, as its document says it. */
export interface HandlerPlace {
  /** The word of `placement`. */
  readonly word: string
  /** Where its adapter listens; none: it runs in the host. */
  readonly addresses: readonly string[]
}

/** A configuration document; JSON is YAML. */
export type Document = Readonly<Record<string, unknown>>

const namespace = 'istio-system'

export function document(kind: string, name: string, spec: Document): Document {
  return { apiVersion: 'config.istio.io/v1alpha2', kind, metadata: { name, namespace }, spec }
}

/** `compiledAdapter`, and where it runs. */
export function handler(
  name: string,
  adapter: string,
  place: HandlerPlace,
  params: Document,
  more: Document = {},
): Document {
  const [address, ...addresses] = place.addresses
  return document('handler', name, {
    compiledAdapter: adapter,
    placement: place.word,
    ...(address === undefined ? {} : { connection: { address, addresses } }),
    params,
    ...more,
  })
}

/** The adapter document that gives Istio's unary services the settings of the list. */
const listAdapter = document('adapter', 'list', {
  templates: ['listentry'],
  config: listParamsDescriptor(),
  session_based: false,
})

/** Lists for the standard Check: users `0` up to `users`, all of whom may call. */
function listHandlers(names: readonly string[], place: HandlerPlace, users: number): Document[] {
  const params = { overrides: Array.from({ length: users }, (_, i) => userName(i)), blacklist: false }
  if (place.word !== 'unary') return names.map(name => handler(name, 'listchecker', place, params))
  const [address, ...addresses] = place.addresses
  const handlers = names.map(name =>
    document('handler', name, {
      adapter: 'list',
      placement: place.word,
      connection: { address, addresses },
      params,
    }),
  )
  return [listAdapter, ...handlers]
}

const userInstance = document('instance', 'user', {
  compiledTemplate: 'listentry',
  params: { value: `request.headers["${userHeader}"] | "nobody"` },
})

/** The standard Check: one rule, one list adapter. `handlers` more than one: the same rule asks as many. */
export function standardDocuments(place: HandlerPlace, { users = 100, handlers = 1 } = {}): Document[] {
  const names = Array.from({ length: handlers }, (_, i) => `users-${i}`)
  return [
    ...listHandlers(names, place, users),
    userInstance,
    document('rule', 'known-users', {
      match: `destination.service.host == "${standardHost}"`,
      actions: names.map(name => ({ handler: name, instances: ['user'] })),
    }),
  ]
}

/** Rules about other services, which the standard Check must not pay for. */
export function otherRules(count: number): Document[] {
  return Array.from({ length: count }, (_, i) =>
    document('rule', `other-${i}`, {
      match: `destination.service.host == "service-${i}.shop.svc.cluster.local" && request.method == "GET"`,
      actions: [{ handler: 'users-0', instances: ['user'] }],
    }),
  )
}

/** Declares the attributes that only `scale` sends. */
export function extraAttributes(count: number): Document {
  const names = Array.from({ length: count }, (_, i) => extraAttribute(i))
  return document('attributemanifest', 'extra', {
    attributes: Object.fromEntries(names.map(name => [name, { valueType: 'STRING' }])),
  })
}

/** A rule that asks nobody: what the host costs by itself. */
export const noAdapterDocuments: readonly Document[] = [
  document('handler', 'unused', { compiledAdapter: 'noop' }),
  document('instance', 'nothing', { compiledTemplate: 'checknothing', params: {} }),
  document('rule', 'never', {
    match: 'destination.service.host == "nowhere.example"',
    actions: [{ handler: 'unused', instances: ['nothing'] }],
  }),
]

/** Documents in one file; a file larger than this is begun anew. */
const perFile = 2_000

/** Writes documents into a new folder, which it answers. */
export function writeConfig(folder: string, documents: readonly Document[]): string {
  mkdirSync(folder, { recursive: true })
  for (let i = 0; i * perFile < documents.length; i++) {
    const texts = documents.slice(i * perFile, (i + 1) * perFile).map(each => JSON.stringify(each))
    writeFileSync(join(folder, `documents-${i}.yaml`), texts.join('\n---\n'))
  }
  return folder
}
