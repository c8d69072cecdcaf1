import { AdapterError } from '@outboard/adapters-sdk'
import type { WireResult } from '@outboard/adapters-sdk/protocol'
import { outputOf, withOutput } from '../calls/output.js'
import type { RemoteCall } from '../calls/remote-call.js'
import { failure } from '../failure.js'

/** Hands a result to the call that it answers. A result of another kind fails that call and nothing else. */
export function deliver(call: RemoteCall, result: WireResult): void {
  switch (result.kind) {
    case 'verdict':
      if (call.verb !== 'check') {
        mismatched(call, result.kind)
        return
      }
      if (result.output === undefined) call.answer(result.verdict)
      else call.answer(withOutput(result.verdict, call.question.template, result.output))
      return
    case 'grant':
      if (call.verb === 'quota') call.answer(result.grant)
      else mismatched(call, result.kind)
      return
    case 'reported':
      if (call.verb === 'report') call.answer()
      else mismatched(call, result.kind)
      return
    case 'produced': {
      if (call.verb !== 'produce') {
        mismatched(call, result.kind)
        return
      }
      const output = outputOf(call.question.template, result.output)
      if (output instanceof AdapterError) {
        call.fail(output)
        return
      }
      call.answer({ output, validForMs: result.validForMs })
      return
    }
    case 'failed': {
      const error = failure(result.code, result.message)
      // These say that the adapter did not even begin, so that another may be asked without asking twice.
      const untouched =
        result.code === 'ADAPTER_DRAINING' ||
        result.code === 'ADAPTER_OVERLOADED' ||
        result.code === 'ADAPTER_UNCONFIGURED'
      if (untouched) call.unanswered(error, false)
      else call.fail(error)
      return
    }
  }
}

function mismatched(call: RemoteCall, kind: string): void {
  call.fail(failure('ADAPTER_PROTOCOL', `The adapter answered a ${call.verb} with a ${kind}`))
}
