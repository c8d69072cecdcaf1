import type { Produced } from '../contract.js'
import { AdapterError, type AdapterErrorCode } from '../errors.js'
import type { Grant } from '../grant.js'
import type { WireResult } from '../protocol/frames.js'
import type { TemplateDefinition } from '../template.js'
import { encodeOutput } from '../templates/index.js'
import type { Verdict } from '../verdict.js'

/** What a verdict becomes on the wire. What an author returned may be anything: what is no verdict is a failure. */
export function verdictResult(id: number, template: TemplateDefinition, verdict: Verdict): WireResult {
  switch (verdict?.kind) {
    case 'allow': {
      const output = hasEntries(verdict.output) ? encodeOutput(template, verdict.output) : undefined
      return { kind: 'verdict', id, verdict, output }
    }
    case 'deny':
      if (!isCode(verdict.code)) return notAnAnswer(id, `a denial with code ${verdict.code}`)
      return { kind: 'verdict', id, verdict, output: undefined }
    case 'failed':
      return failure(id, verdict.error)
    case undefined:
      return notAnAnswer(id, 'nothing')
  }
  return notAnAnswer(id, 'something that is no verdict')
}

/** What a grant becomes on the wire. */
export function grantResult(id: number, grant: Grant): WireResult {
  switch (grant?.kind) {
    case 'granted':
      if (typeof grant.amount !== 'bigint') return notAnAnswer(id, 'a grant whose amount is no bigint')
      return { kind: 'grant', id, grant }
    case 'refused':
      if (!isCode(grant.code)) return notAnAnswer(id, `a refusal with code ${grant.code}`)
      return { kind: 'grant', id, grant }
    case 'failed':
      return failure(id, grant.error)
    case undefined:
      return notAnAnswer(id, 'nothing')
  }
  return notAnAnswer(id, 'something that is no grant')
}

/** What produced attributes become on the wire. */
export function producedResult(id: number, template: TemplateDefinition, produced: Produced): WireResult {
  if (typeof produced?.output !== 'object' || produced.output === null) return notAnAnswer(id, 'no output')
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

function notAnAnswer(id: number, what: string): WireResult {
  return failed(id, 'ADAPTER_PROTOCOL', `The handler answered ${what}`)
}

function isCode(code: number): boolean {
  return Number.isInteger(code) && code > 0 && code < 0x7fffffff
}

function hasEntries(record: object): boolean {
  for (const _ in record) return true
  return false
}
