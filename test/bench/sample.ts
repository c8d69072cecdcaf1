import { type Figure, type Result, resultFormat } from '../../src/bench/rounds/result.js'
import type { Round, Row } from '../../src/bench/rounds/row.js'

/** A round of these figures; the rest follows from them. */
export function round(perSecond: number, p99 = 1_000, cpuUs = 50): Round {
  return {
    calls: 1_000,
    errors: 0,
    firstError: undefined,
    seconds: 1,
    perSecond,
    latency: { mean: p99 / 3, p50: p99 / 4, p90: p99 / 2, p99, p999: p99 * 2, max: p99 * 3 },
    latenessP99: undefined,
    host: { cpuUs, peakBytes: 90_000_000, gcShare: 0.02, allocatedBytes: 40_000 },
    adapter: undefined,
    loadCpuUs: 30,
  }
}

export function row(id: string, rounds: readonly Round[], more: Partial<Row> = {}): Row {
  return {
    id,
    name: id,
    setting: 'cache off',
    shape: { kind: 'closed', depth: 64 },
    reference: undefined,
    tails: undefined,
    rounds,
    curve: [
      [0, 100],
      [50, 250],
      [90, 500],
      [99, 1_000],
      [100, 3_000],
    ],
    latency: { mean: 300, p50: 250, p90: 500, p99: 1_000, p999: 2_000, max: 3_000 },
    cold: { firstUs: 9_000, medianUs: 700 },
    invalid: undefined,
    note: undefined,
    ...more,
  }
}

export function figure(id: string, measured: Figure['measured'], reason?: string): Figure {
  const about = { id, title: `the figure ${id}`, unit: 'µs', better: 'less' as const, basis: 'a sample' }
  return { ...about, wanted: 15, aim: 8, measured, reason }
}

export function result(rows: readonly Row[], figures: readonly Figure[] = []): Result {
  return {
    format: resultFormat,
    kind: 'sample',
    command: 'outboard bench sample --json "<file>"',
    at: '2026-01-02T03:04:05.678Z',
    machine: {
      cpu: 'A processor & its name',
      cores: 2,
      memoryBytes: 25_769_803_776,
      system: 'Linux 6 x64',
      node: '20.20.2',
      outboard: '0.1.0',
      loadBefore: 0.25,
      fromSource: false,
    },
    options: {},
    rows,
    figures,
    notes: [
      'Something that a reader must know, at such length that it does not fit into one line of a hundred characters.',
    ],
  }
}

/** A result with everything that can be in one: rows that hold, one that does not, ratios given and refused. */
export function fullResult(): Result {
  const steady = [round(10_000), round(10_100), round(9_900)]
  const wild = [round(4_000), round(10_000), round(20_000)]
  const withAdapter = (one: Round): Round => ({
    ...one,
    adapter: { cpuUs: 20, peakBytes: 60_000_000, gcShare: 0.01, allocatedBytes: 9_000 },
  })
  const reference = 'in process'
  const tails: Row['tails'] = {
    p99: { kind: 'ratio', value: 1.1, low: 0.9, high: 1.35 },
    p999: { kind: 'refused', variation: 0.8, reason: 'its interval reaches 80 % further (limit 50 %)' },
  }
  return result(
    [
      row(reference, steady),
      row('session, Unix <socket>', steady.map(withAdapter), { reference, tails }),
      row('unary, TCP, by a name that is far too long for a column', wild, { reference }),
      row('wrong', steady, { reference, invalid: '3 of 1000 calls went wrong: gRPC status 14' }),
      row('in process/64', [round(1_000, 2_000), round(1_001, 2_100)], {
        name: reference,
        shape: { kind: 'open', perSecond: 1_000 },
      }),
      row('in process/8', [round(7_000), round(7_010), round(6_990)], {
        name: reference,
        shape: { kind: 'closed', depth: 8 },
      }),
    ],
    [
      figure('better', { value: 7, low: 6, high: 8 }),
      figure('good', { value: 12, low: 11, high: 13 }),
      figure('doubtful', { value: 14, low: 12, high: 16 }),
      figure('bad', { value: 21, low: 20, high: 22 }),
      figure('refused', undefined, 'rounds disagree by 40 % (limit 15 %)'),
    ],
  )
}
