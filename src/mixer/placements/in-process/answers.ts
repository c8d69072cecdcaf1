import type { AdapterError, Grant, Produced, Verdict } from '@outboard/adapters-sdk'
import { grantProblem, producedProblem, verdictProblem } from '@outboard/adapters-sdk'
import { failure } from '../failure.js'

// An adapter in this process may be plain JavaScript, and may answer anything. What a session would refuse is refused
// here, too, by the same rule: a validity that is no number would keep an answer for ever.

/** What is wrong with a verdict, in words that follow "answered"; undefined: nothing. */
export function problemOfVerdict(answer: Verdict): string | undefined {
  const problem = verdictProblem(answer)
  if (problem !== undefined) return problem
  // A session writes these, whatever they are; here they are used as they came.
  if (answer.kind === 'allow' && !isObject(answer.output)) return 'a verdict whose output is no object'
  return answer.kind === 'failed' ? problemOfError(answer.error) : undefined
}

/** What is wrong with a grant. */
export function problemOfGrant(answer: Grant): string | undefined {
  return grantProblem(answer) ?? (answer.kind === 'failed' ? problemOfError(answer.error) : undefined)
}

/** What is wrong with produced attributes. */
export function problemOfProduced(answer: Produced): string | undefined {
  return producedProblem(answer)
}

function problemOfError(error: unknown): string | undefined {
  return error instanceof Error ? undefined : 'a failure without an error'
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

export function notAnAnswer(handler: string, verb: string, problem: string): AdapterError {
  return failure('ADAPTER_PROTOCOL', `Handler "${handler}" was asked to ${verb} and answered ${problem}`)
}
