import {
  builtinTemplate,
  encodeInstance,
  type FieldRecord,
  type TemplateDefinition,
} from '@outboard/adapters-sdk'
import type { Asking, CancelHook, Question } from '../../src/mixer/engine/ports.js'

/** A built-in template, which there must be. */
export function template(name: string): TemplateDefinition {
  const found = builtinTemplate(name)
  if (found === undefined) throw new Error(`no template ${name}`)
  return found
}

/** A question in both forms, so that every placement finds its own. */
export function question(templateName: string, fields: FieldRecord, name = 'a'): Question {
  const definition = template(templateName)
  const instanceName = `${name}.instance.test`
  const record = { name: instanceName, template: templateName, fields }
  return { instanceName, template: definition, record, bytes: encodeInstance(definition, record) }
}

/** A listentry question: the adapter does what the text says. */
export function command(text: string): Question {
  return question('listentry', { value: { type: 'STRING', value: text } })
}

export const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** The circumstances of a call, with plenty of time. */
export function asking(given: { dedupId?: string; timeoutMs?: number; onCancel?: CancelHook } = {}): Asking {
  const { dedupId = 'd-1', timeoutMs = 10_000, onCancel } = given
  // The host's clock is the real one in these suites.
  return { dedupId, deadline: performance.timeOrigin + performance.now() + timeoutMs, traceparent, onCancel }
}
