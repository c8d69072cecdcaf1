import { grantProblem, producedProblem, verdictProblem } from '../answer-problem.js'
import type { Produced } from '../contract.js'
import { AdapterError, type AdapterErrorCode } from '../errors.js'
import type { Grant } from '../grant.js'
import type { WireResult } from '../protocol/frames.js'
import type { TemplateDefinition } from '../template.js'
import { encodeOutput } from '../templates/index.js'
import type { Verdict } from '../verdict.js'

/** What a verdict becomes on the wire. What an author returned may be anything: what is no verdict is a failure. */
export function verdictResult(id: number, template: TemplateDefinition, verdict: Verdict): WireResult {
  const problem = verdictProblem(verdict)
  if (problem !== undefined) return notAnAnswer(id, problem)
  if (verdict.kind === 'failed') return failure(id, verdict.error)
  const output =
    verdict.kind === 'allow' && hasEntries(verdict.output)
      ? encodeOutput(template, verdict.output)
      : undefined
  return { kind: 'verdict', id, verdict, output }
}

/** What a grant becomes on the wire. */
export function grantResult(id: number, grant: Grant): WireResult {
  const problem = grantProblem(grant)
  if (problem !== undefined) return notAnAnswer(id, problem)
  return grant.kind === 'failed' ? failure(id, grant.error) : { kind: 'grant', id, grant }
}

/** What produced attributes become on the wire. */
export function producedResult(id: number, template: TemplateDefinition, produced: Produced): WireResult {
  const problem = producedProblem(produced)
  if (problem !== undefined) return notAnAnswer(id, problem)
  return {
    kind: 'produced',
    id,
    output: encodeOutput(template, produced.output),
    validForMs: produced.validForMs,
  }
}

/** A failed answer of whatever was thrown. */
export function failure(id: number, thrown: unknown): WireResult {
  if (thrown instanceof AdapterError)
    return { kind: 'failed', id, code: thrown.code, message: thrown.message }
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return failed(id, 'ADAPTER_CRASHED', message)
}

export function failed(id: number, code: AdapterErrorCode, message: string): WireResult {
  return { kind: 'failed', id, code, message }
}

function notAnAnswer(id: number, problem: string): WireResult {
  return failed(id, 'ADAPTER_PROTOCOL', `The handler answered ${problem}`)
}

function hasEntries(record: object): boolean {
  for (const _ in record) return true
  return false
}
