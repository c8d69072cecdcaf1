import { type ValueType, valueTypes } from '@outboard/adapters-sdk'
import type { Place } from '../source/place.js'
import type { Envelope } from './envelope.js'
import { type Located, type MessageReader, readMessage } from './reader.js'

export interface ManifestDocument {
  readonly envelope: Envelope
  readonly attributes: readonly { readonly name: string; readonly type: ValueType; readonly place: Place }[]
}

export interface TemplateDocument {
  readonly envelope: Envelope
  readonly descriptor: Located<Uint8Array>
}

export interface AdapterDocument {
  readonly envelope: Envelope
  readonly templates: readonly Located<string>[]
  /** undefined: the adapter has no settings. */
  readonly config: Located<Uint8Array> | undefined
  /** `session_based`: upstream then leaves the settings out of every call; nothing else changes. */
  readonly sessionBased: boolean
}

/** Names of `ValueType` in the order of their numbers; 0 is VALUE_TYPE_UNSPECIFIED, which no attribute may have. */
const typeNames = ['VALUE_TYPE_UNSPECIFIED', ...valueTypes] as const

/** `kind: attributemanifest`. Source: `istio.policy.v1beta1.AttributeManifest`. */
export function readManifest(envelope: Envelope): ManifestDocument | undefined {
  return readMessage(envelope.spec, envelope.report, 'attributemanifest', reader => {
    reader.text('revision')
    reader.text('name')
    const attributes = reader.entries('attributes').flatMap(([name, place, node]) => {
      const type = readMessage(node, envelope.report, `attribute "${name}"`, readAttributeType)
      return type === undefined ? [] : [{ name, type, place }]
    })
    return { envelope, attributes }
  })
}

function readAttributeType(reader: MessageReader): ValueType | undefined {
  reader.text('description')
  const given = reader.field('value_type')
  const type = reader.choice('value_type', typeNames)
  if (given !== undefined && type === undefined) return undefined
  if (type === undefined || type === 'VALUE_TYPE_UNSPECIFIED') {
    reader.missing('value_type', `give it a valueType: ${valueTypes.join(', ')}`)
    return undefined
  }
  return type
}

/** `kind: template`. Source: `istio.mixer.adapter.model.v1beta1.Template`. */
export function readTemplate(envelope: Envelope): TemplateDocument | undefined {
  return readMessage(envelope.spec, envelope.report, 'template', reader => {
    const descriptor = reader.requiredText('descriptor', 'give the descriptor set, in base64')
    const bytes = descriptor && readBase64(descriptor, reader)
    return bytes === undefined ? undefined : { envelope, descriptor: bytes }
  })
}

/** `kind: adapter`. Source: `istio.mixer.adapter.model.v1beta1.Info`. */
export function readAdapter(envelope: Envelope): AdapterDocument | undefined {
  return readMessage(envelope.spec, envelope.report, 'adapter', reader => {
    reader.text('name')
    reader.text('description')
    const templates = reader.texts('templates')
    const config = reader.text('config')
    const sessionBased = reader.flag('session_based') ?? false
    const bytes = config === undefined || config.value.trim() === '' ? undefined : readBase64(config, reader)
    return { envelope, templates, config: bytes, sessionBased }
  })
}

/** Standard base64; line breaks inside are tolerated, as upstream's reader does. */
function readBase64(text: Located<string>, reader: MessageReader): Located<Uint8Array> | undefined {
  const compact = text.value.replace(/\s+/g, '')
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(compact) && compact.length % 4 === 0)
    return { value: new Uint8Array(Buffer.from(compact, 'base64')), place: text.place }
  reader.report.problem(
    'CONFIG_BAD_DESCRIPTOR',
    text.place,
    'Cannot read the descriptor set: found text that is not standard base64 with padding',
    'encode the FileDescriptorSet with base64 (letters, digits, + and /, padded with =)',
  )
  return undefined
}
