import type { Location, Problem } from '../../mixer/config/index.js'
import type { HandlerProblem } from '../../mixer/engine/index.js'
import type { Telemetry } from '../../mixer/telemetry/index.js'
import { CliError } from '../errors.js'

/** Why the configuration that was found last is not in force. */
export type Refusal =
  | {
      readonly at: string
      readonly by: 'configuration'
      readonly problems: readonly Problem[]
      readonly problemCount: number
    }
  | {
      readonly at: string
      readonly by: 'adapters'
      readonly problems: readonly RefusedHandler[]
      readonly problemCount: number
    }

/** A handler that its adapter did not open. */
export interface RefusedHandler {
  readonly handler: string
  readonly problems: readonly (HandlerProblem['problems'][number] & { readonly at: Location | undefined })[]
}

/** Where the settings stand that an adapter refused. */
export function withPlaces(
  { handler, problems }: HandlerProblem,
  locate: (handler: string, path: string) => Location | undefined,
): RefusedHandler {
  return { handler, problems: problems.map(problem => ({ ...problem, at: locate(handler, problem.path) })) }
}

/** One line for each problem, or each handler, up to a number; the rest is in `/config/problems`. */
export function logRefusal(refusal: Refusal, log: Telemetry['log'], maxLines: number): void {
  switch (refusal.by) {
    case 'configuration':
      for (const { code, at, message, mend } of refusal.problems.slice(0, maxLines))
        log.error('config_problem', { code, at: printPlace(at), message, mend })
      return
    case 'adapters':
      for (const { handler, problems } of refusal.problems.slice(0, maxLines))
        log.error('handler_refused', { handler, at: printPlace(problems[0]?.at), problems })
  }
}

/** Whether the configuration lacks nothing but adapters that are not up yet. */
export function waitsForAdapters(refusal: Refusal | undefined): boolean {
  return (
    refusal?.by === 'configuration' &&
    refusal.problems.every(({ code }) => code === 'CONFIG_ADAPTER_UNREACHABLE')
  )
}

/** What ends a host that cannot start. */
export function refusedAtStart(refusal: Refusal | undefined, config: string): CliError {
  const count = refusal?.problemCount ?? 0
  const [first] = refusal?.by === 'adapters' ? refusal.problems : []
  if (first === undefined)
    return new CliError(
      'CLI_CONFIG_REFUSED',
      `The configuration in ${config} has ${counted(count, 'problem')}; see "outboard validate ${config}"`,
    )
  const [problem] = first.problems
  const what = `${first.handler}${problem?.path ? ` at ${problem.path}` : ''}: ${problem?.message ?? 'no reason given'}`
  return new CliError(
    'CLI_CONFIG_REFUSED',
    `Adapters refuse ${counted(count, 'handler')} of the configuration in ${config}; the first: ${printPlace(problem?.at)}: ${what}`,
  )
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function printPlace(at: Location | undefined): string {
  return at === undefined ? 'an unknown place' : `${at.file}:${at.line}:${at.column}`
}
