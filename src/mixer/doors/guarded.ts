import { Code } from '@outboard/adapters-sdk'
import type { Telemetry } from '../telemetry/index.js'
import { type Answer, type IncomingCall, Refusal, type UnaryMethod } from './service.js'

/** The answer to a fault of our own: it says nothing of its inside, the log does. */
const internal = new Refusal(Code.INTERNAL, 'internal error')

/**
 * The last line of defence: a door promises neither to throw nor to reject, and when it breaks the promise the one
 * call fails, is counted and logged, and the process lives.
 */
export function guarded(method: UnaryMethod, telemetry: Telemetry): UnaryMethod['answer'] {
  const faults = telemetry.counter('door_faults', { method: method.path })
  const fault = (error: unknown): Refusal => {
    faults.add(1)
    telemetry.log.error('door_fault', {
      method: method.path,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
    return internal
  }
  return (message: Buffer, call: IncomingCall): Answer | Promise<Answer> => {
    try {
      const answer = method.answer(message, call)
      return answer instanceof Promise ? answer.catch(fault) : answer
    } catch (error) {
      return fault(error)
    }
  }
}
