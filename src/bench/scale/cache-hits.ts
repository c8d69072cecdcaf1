import { type Bench, type Pace, plan, saturating, warm } from '../commands/session.js'
import { standardDocuments } from '../config/documents.js'
import { heldSession } from '../figures/checks.js'
import { placementRow } from '../placements/list.js'
import { openSubject, standardSetup } from '../placements/open.js'
import { counted } from '../process/metrics.js'
import type { Planned } from '../rounds/interleave.js'
import type { Row } from '../rounds/row.js'

/** Users that come again and again, users that come once in a while, and what the cache can remember. */
const hotUsers = 100
const coldUsers = 4_000
const cacheEntries = 1_000

/** What a Check costs when a share of the verdicts (in percent) comes from the cache. */
export async function cacheHitRows(bench: Bench, pace: Pace, shares: readonly number[]): Promise<Row[]> {
  const group = { key: 'cache-hits', setting: 'share of cache hits, session, cache on' }
  const planned: (Planned & { readonly admin: string })[] = []
  for (const share of shares) {
    bench.line.say(`starting ${share} % of hits`)
    const workload = {
      kind: 'mixed',
      hotShare: share / 100,
      distinct: 8_000,
      users: hotUsers,
      coldUsers,
      seed: 3,
    } as const
    const opened = await openSubject(
      {
        ...standardSetup,
        row: placementRow(heldSession),
        cache: 'on',
        serveFlags: ['--cache-entries', String(cacheEntries)],
        source: { from: 'generator', api: 'mixer', workload, connections: 4, client: 'raw' },
        documents: place => standardDocuments(place, { users: hotUsers + coldUsers }),
      },
      bench.generator,
      bench.scratch,
    )
    await warm(opened.subject, pace)
    const one = { key: String(share), name: `${share} % wanted`, shape: saturating, subject: opened.subject }
    planned.push({ ...plan(group, one, String(shares[0])), admin: opened.admin ?? '' })
  }
  const rows = await bench.measure(planned, pace)
  return Promise.all(
    rows.map(async (row, i) => ({
      ...row,
      name: `${row.name}, ${await hitShare(planned[i]?.admin ?? '')} %`,
    })),
  )
}

/** What the host itself counted, in percent of all look-ups. */
async function hitShare(admin: string): Promise<string> {
  const name = 'outboard_cache_lookups_total'
  const all = await counted(admin, name)
  const hits = await counted(admin, name, 'outcome="hit"')
  return (all === 0 ? 0 : (100 * hits) / all).toFixed(0)
}
