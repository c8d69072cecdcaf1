import type { Test } from 'tap'
import { type Bench, type Findings, type Pace, runSession } from '../../src/bench/commands/session.js'
import type { Figure, Result } from '../../src/bench/rounds/result.js'

/** As short as can be: for breakage, not for speed. */
export const shortest: Pace = { rounds: 2, ms: 50, warmMs: 20 }

/** What a part of `bench figures` finds. */
export function found(work: (bench: Bench) => Promise<Omit<Findings, 'notes'>>): Promise<Result> {
  const context = { progress: { write: () => {} }, command: '', now: () => '' }
  return runSession({ kind: 'test', options: {} }, context, async bench => ({
    ...(await work(bench)),
    notes: [],
  }))
}

/** Figures are measured, or refused because rounds so short disagree or say too little; anything else is a defect. No row has errors. */
export function hold(
  t: Test,
  { figures, rows }: { figures: readonly Figure[]; rows: Result['rows'] },
  ids: readonly string[],
) {
  t.same(
    figures.map(({ id }) => id),
    ids,
  )
  for (const { id, measured, reason } of figures)
    t.ok(
      (measured?.value ?? 0) !== 0 ||
        /rounds disagree|its interval reaches|nothing to divide/.test(reason ?? ''),
      `${id}: ${reason}`,
    )
  for (const { id, invalid } of rows) t.equal(invalid, undefined, `${id}: ${invalid}`)
}
