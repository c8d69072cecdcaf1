import { isHeaderName } from '@outboard/adapters-sdk'
import type { Envelope } from './envelope.js'
import { type Located, type MessageReader, readMessage } from './reader.js'
import { readSampling } from './sampling.js'

/** A rule document, decoded; its references are not yet resolved. */
export interface RuleDocument {
  readonly envelope: Envelope
  /** undefined: always (empty, blank or `true`). */
  readonly match: Located<string> | undefined
  readonly actions: readonly ActionDocument[]
  /** Request operations, then response operations. */
  readonly headers: readonly HeaderDocument[]
  readonly priority: number
  readonly enforcement: 'enforce' | 'shadow'
  readonly onMatchFailure: 'skip' | 'fail'
}

export interface ActionDocument {
  readonly name: string
  readonly handler: Located<string> | undefined
  readonly instances: readonly Located<string>[]
}

export interface HeaderDocument {
  readonly on: 'request' | 'response'
  readonly operation: 'replace' | 'append' | 'remove'
  readonly name: string
  readonly values: readonly Located<string>[]
}

const operations = ['REPLACE', 'REMOVE', 'APPEND'] as const
const operationWord = { REPLACE: 'replace', REMOVE: 'remove', APPEND: 'append' } as const

/** `kind: rule`. Source: `istio.policy.v1beta1.Rule`; ours: `enforcement`, `priority`, `onMatchFailure`. */
export function readRule(envelope: Envelope): RuleDocument | undefined {
  return readMessage(envelope.spec, envelope.report, 'rule', reader => {
    const match = reader.text('match')
    const always = match === undefined || match.value.trim() === '' || match.value.trim() === 'true'
    const rule: RuleDocument = {
      envelope,
      match: always ? undefined : match,
      actions: reader.messages('actions', readAction),
      headers: [
        ...reader.messages('request_header_operations', operation => readHeader(operation, 'request')),
        ...reader.messages('response_header_operations', operation => readHeader(operation, 'response')),
      ].filter(header => header !== undefined),
      priority: reader.integer('priority', { min: -1_000_000, max: 1_000_000 }) ?? 0,
      enforcement: reader.choice('enforcement', ['enforce', 'shadow']) ?? 'enforce',
      onMatchFailure: reader.choice('on_match_failure', ['skip', 'fail']) ?? 'skip',
    }
    const sampling = reader.field('sampling')
    reader.message('sampling', readSampling)
    if (sampling !== undefined)
      reader.report.note(
        sampling.place,
        `${envelope.id}: sampling is not applied, as in Mixer: every request counts`,
      )
    return rule
  })
}

function readAction(reader: MessageReader): ActionDocument {
  const instances = reader.field('instances')
  if (instances === undefined || (instances.kind === 'list' && instances.items.length === 0))
    reader.missing('instances', 'say what to ask about: instances: [i]')
  return {
    name: reader.text('name')?.value ?? '',
    handler: reader.requiredText('handler', 'name the handler to ask'),
    instances: reader.texts('instances'),
  }
}

function readHeader(reader: MessageReader, on: 'request' | 'response'): HeaderDocument | undefined {
  const name = reader.requiredText('name', 'name the header to edit')
  const operation = operationWord[reader.choice('operation', operations) ?? 'REPLACE']
  const values = reader.texts('values')
  if (name === undefined) return undefined
  if (!isHeaderName(name.value)) {
    reader.report.problem(
      'CONFIG_BAD_VALUE',
      name.place,
      `Cannot read the header operation: found the header name ${JSON.stringify(name.value)}`,
      'write a header name: letters, digits and -',
    )
    return undefined
  }
  if (operation !== 'remove' && values.length === 0)
    reader.report.note(reader.node.place, `header operation on ${name.value} has no values and does nothing`)
  return { on, operation, name: name.value.toLowerCase(), values }
}
