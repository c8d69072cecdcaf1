import type { ConnectionSpec, GuardSpec, HandlerPlacement } from '../handler-spec.js'
import type { Node } from '../source/node.js'
import { readConnection } from './connection.js'
import type { Envelope } from './envelope.js'
import { guardDefaults, readGuard } from './guard.js'
import { type Located, type MessageReader, readMessage } from './reader.js'

/** A handler document, decoded: its own fields are right; what it refers to is not yet known. */
export interface HandlerDocument {
  readonly envelope: Envelope
  readonly adapter: AdapterReference
  readonly params: Node | undefined
  readonly placement: HandlerPlacement
  readonly connection: ConnectionSpec | undefined
  readonly guard: GuardSpec
  readonly cacheable: boolean
}

/** How a handler says what its adapter is. */
export type AdapterReference =
  /** `compiledAdapter`, or the kind of an older document. */
  | { readonly by: 'built-in'; readonly name: Located<string> }
  /** `adapter`: a reference to an adapter document. */
  | { readonly by: 'document'; readonly name: Located<string> }
  /** Only a connection: the adapter says what it is. */
  | { readonly by: 'announcement' }

const placements = ['inProcess', 'session', 'unary', 'auto'] as const

/** `kind: handler`. Source: `istio.policy.v1beta1.Handler`, and our own fields (docs/configuration.md). */
export function readHandler(envelope: Envelope): HandlerDocument | undefined {
  return readMessage(envelope.spec, envelope.report, 'handler', reader => {
    reader.text('name')
    const compiled = given(reader.text('compiled_adapter'))
    const document = given(reader.text('adapter'))
    reader.exclusive(compiled, document, 'compiledAdapter and adapter')
    const connectionNode = reader.field('connection')
    const connection = reader.message('connection', readConnection)
    const adapter: AdapterReference =
      compiled !== undefined
        ? { by: 'built-in', name: compiled }
        : document !== undefined
          ? { by: 'document', name: document }
          : { by: 'announcement' }
    if (connectionNode === undefined && adapter.by === 'announcement')
      reader.missing(
        'compiledAdapter',
        'name a built-in adapter, or give connection.address of one that listens',
      )
    if (connectionNode === undefined && adapter.by === 'document')
      reader.missing('connection', 'say where the adapter listens: connection: {address: host:port}')
    return {
      envelope,
      adapter,
      params: reader.field('params'),
      placement: readPlacement(reader, adapter, connectionNode),
      connection,
      guard: readGuard(reader, connection?.timeoutMs),
      cacheable: reader.flag('cache') ?? true,
    }
  })
}

/** A document of an older kind: its kind is the adapter, and its spec the params. */
export function readLegacyHandler(envelope: Envelope): HandlerDocument {
  return {
    envelope,
    adapter: { by: 'built-in', name: { value: envelope.kind, place: envelope.root.place } },
    params: envelope.spec,
    placement: 'in-process',
    connection: undefined,
    guard: guardDefaults,
    cacheable: true,
  }
}

function readPlacement(
  reader: MessageReader,
  adapter: AdapterReference,
  connection: Node | undefined,
): HandlerPlacement {
  const written = reader.choice('placement', placements)
  const node = reader.field('placement')
  const outside = written !== undefined && written !== 'inProcess'
  if (outside && connection === undefined && adapter.by === 'built-in')
    reader.missing('connection', `placement ${written} needs connection.address`)
  if (written === 'inProcess' && adapter.by !== 'built-in' && node !== undefined)
    reader.report.problem(
      'CONFIG_CONFLICTING_FIELDS',
      node.place,
      'Cannot read the handler: found placement inProcess without compiledAdapter',
      'name a built-in adapter with compiledAdapter, or leave placement out',
    )
  if (written === undefined) return adapter.by === 'built-in' ? 'in-process' : 'auto'
  return written === 'inProcess' ? 'in-process' : written
}

function given(text: Located<string> | undefined): Located<string> | undefined {
  return text?.value === '' ? undefined : text
}
