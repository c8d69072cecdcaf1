import { deliver, prepareDelivery } from '../report/deliver.js'
import type { Result } from '../rounds/result.js'
import type { Row } from '../rounds/row.js'
import type { BenchContext } from './context.js'
import type { CommonFlags } from './options.js'
import { type Bench, type Findings, runSession } from './session.js'

/** Runs a benchmark and delivers its result; what makes delivering impossible is said before. */
export async function measureAndDeliver(
  about: Pick<Result, 'kind' | 'options'>,
  flags: CommonFlags,
  context: BenchContext,
  work: (bench: Bench) => Promise<Findings>,
): Promise<void> {
  const delivery = prepareDelivery(flags, about)
  const result = await runSession(about, context, work)
  deliver(result, delivery, context.out)
  context.ended(isInVain(result.rows) ? 1 : 0)
}

/** Whether a row has no call that went right, or none of them holds. */
function isInVain(rows: readonly Row[]): boolean {
  const isEmpty = ({ rounds }: Row) => rounds.every(({ calls, errors }) => calls - errors === 0)
  return rows.length > 0 && (rows.some(isEmpty) || rows.every(({ invalid }) => invalid !== undefined))
}
