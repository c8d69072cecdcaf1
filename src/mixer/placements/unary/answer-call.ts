import { AdapterError } from '@outboard/adapters-sdk'
import { outputOf, withOutput } from '../calls/output.js'
import type { RemoteCall } from '../calls/remote-call.js'
import { failure, messageOf } from '../failure.js'
import { decodeCheckResult, decodeCheckWithOutput, decodeQuotaResult } from './answer.js'
import type { AnswerLimits } from './direct-response.js'

/** Hands an answer's bytes to its call; what cannot be decoded, or is too much, fails that call. */
export function answerUnary(call: RemoteCall, bytes: Uint8Array, limits: AnswerLimits): void {
  try {
    decodeInto(call, bytes, limits)
  } catch (thrown) {
    const cannot = `Cannot decode the answer of ${call.question.template.methodPath}: ${messageOf(thrown)}`
    call.fail(thrown instanceof AdapterError ? thrown : failure('ADAPTER_PROTOCOL', cannot, thrown))
  }
}

function decodeInto(call: RemoteCall, bytes: Uint8Array, limits: AnswerLimits): void {
  const template = call.question.template
  switch (call.verb) {
    case 'check': {
      if (template.variety !== 'CHECK_WITH_OUTPUT') {
        call.answer(decodeCheckResult(bytes, limits))
        return
      }
      const { verdict, output } = decodeCheckWithOutput(bytes, limits)
      boundOutput(output, limits)
      call.answer(withOutput(verdict, template, output))
      return
    }
    case 'quota':
      call.answer(decodeQuotaResult(bytes, call.question.instanceName, limits))
      return
    case 'report':
      call.answer() // the message has no fields; an adapter that sent some is not wrong
      return
    case 'produce': {
      boundOutput(bytes, limits)
      const output = outputOf(template, bytes)
      if (output instanceof AdapterError) {
        call.fail(output)
        return
      }
      call.answer({ output, validForMs: undefined })
      return
    }
  }
}

function boundOutput(bytes: Uint8Array, limits: AnswerLimits): void {
  if (bytes.length <= limits.outputBytes) return
  throw failure(
    'ADAPTER_LIMIT',
    `The adapter's output has ${bytes.length} bytes; at most ${limits.outputBytes} are taken`,
  )
}
