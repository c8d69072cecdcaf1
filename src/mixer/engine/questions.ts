import type { AttributeBag } from '../attributes/index.js'
import type { CompiledInstance } from '../config/snapshot.js'
import { EvalFailure } from '../expr/index.js'
import type { PlacedHandler, Question } from './ports.js'

/**
 * Fills an instance in, in the form that the handler takes: the plain record in this process, the message's bytes for
 * the others. The bytes are made as well when they are needed as a key.
 */
export function ask(
  instance: CompiledInstance,
  bag: AttributeBag,
  form: PlacedHandler['form'],
  need: 'form-only' | 'bytes-too',
): Question | EvalFailure {
  let record: Question['record']
  let bytes: Question['bytes']
  if (form === 'record') {
    const built = instance.build(bag)
    if (built instanceof EvalFailure) return built
    record = built
  }
  if (form === 'bytes' || need === 'bytes-too') {
    const encoded = instance.encode(bag)
    if (encoded instanceof EvalFailure) return encoded
    bytes = encoded
  }
  return { instanceName: instance.name, template: instance.template, record, bytes }
}
