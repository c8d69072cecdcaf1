import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where `test/interop/run.sh` puts what the suites need, from the project root. */
export const cache = join(process.cwd(), 'node_modules/.cache/interop')

/** The programs that suites need besides Node, each where `run.sh` leaves it. */
const programs = {
  envoy: join(cache, 'envoy/envoy/_bin/envoy'),
  python: join(cache, 'python/bin/python'),
  'go-listentry': join(cache, 'bin/go-listentry'),
} as const

export type Program = keyof typeof programs

export function program(name: Program): string {
  return programs[name]
}

/**
 * Why a suite is skipped: this is not `npm run test:interop`, or something could not be installed here. Undefined: it
 * runs. On the project's own check (`CI=true`) everything must be there, so that nothing goes missing in silence.
 */
export function missing(...needed: readonly Program[]): string | undefined {
  if (process.env.OUTBOARD_INTEROP === undefined) return 'npm run test:interop runs this'
  const absent = needed.filter(name => !existsSync(programs[name]))
  if (absent.length === 0) return undefined
  const why = `not installed here: ${absent.join(', ')}`
  if (process.env.CI === 'true') throw new Error(why)
  return why
}
