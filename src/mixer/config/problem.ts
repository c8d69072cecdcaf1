import type { ConfigCode } from './codes.js'
import type { Location } from './source/place.js'

/** One thing wrong with the configuration: where, what was found, what was wanted, and how to mend it. */
export interface Problem {
  readonly code: ConfigCode
  readonly at: Location
  /** The document, `name.kind.namespace`; undefined when it could not be told. */
  readonly resource: string | undefined
  readonly message: string
  /** What the document would have done, had it been right; empty when it could not be told. */
  readonly would: string
  readonly mend: string
}

/** A remark that does not keep the configuration from loading. */
export interface Note {
  readonly at: Location
  readonly message: string
}

/** Problems are collected, not thrown; this is for callers that need an exception. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code: ConfigCode
  constructor(readonly problems: readonly [Problem, ...Problem[]]) {
    super(problems.map(printProblem).join('\n'))
    this.code = problems[0].code
  }
}

/** `file:line:column: CODE: message` and indented lines for the rest. */
export function printProblem(problem: Problem): string {
  const { at } = problem
  const where = `${at.file}:${at.line}:${at.column}: ${problem.code}: ${problem.message}`
  const lines = [where]
  if (at.path !== '') lines.push(`  at: ${at.path}${problem.resource ? ` of ${problem.resource}` : ''}`)
  else if (problem.resource !== undefined) lines.push(`  at: ${problem.resource}`)
  if (problem.would !== '') lines.push(`  it would have: ${problem.would}`)
  lines.push(`  mend: ${problem.mend}`)
  return lines.join('\n')
}
