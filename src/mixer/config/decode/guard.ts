import type { FailurePolicy, GuardSpec } from '../handler-spec.js'
import type { Node } from '../source/node.js'
import { type MessageReader, readMessage } from './reader.js'

/**
 * The defaults of everything that protects the host from a handler; the only place where they stand.
 * docs/configuration.md lists them.
 */
export const guardDefaults: GuardSpec = {
  deadlineMs: 1_000,
  maxConcurrency: 1_024,
  breaker: { failures: 20, openMs: 1_000 },
  onFailure: { kind: 'caller' },
  report: { maxItems: 500, maxBytes: 262_144, maxAgeMs: 1_000, maxQueued: 10_000 },
}

/** The longest of our durations: an hour. */
const maxMs = 3_600_000

const policies = ['caller', 'open', 'closed'] as const

/**
 * The guard of a handler, complete: `failurePolicy`, `deadline`, `maxConcurrency`, `breaker`, `report`. Reads them from
 * the handler's own message. `timeoutMs` is `connection.timeout`, which stands in for the deadline.
 */
export function readGuard(reader: MessageReader, timeoutMs: number | undefined): GuardSpec {
  const deadline = boundedMs(reader, 'deadline', 1)
  return {
    deadlineMs: deadline ?? timeoutMs ?? guardDefaults.deadlineMs,
    maxConcurrency:
      reader.integer('max_concurrency', { min: 1, max: 1_000_000 }) ?? guardDefaults.maxConcurrency,
    breaker: reader.message('breaker', readBreaker) ?? guardDefaults.breaker,
    onFailure: readFailurePolicy(reader),
    report: reader.message('report', readReport) ?? guardDefaults.report,
  }
}

function readBreaker(reader: MessageReader): GuardSpec['breaker'] {
  const { breaker } = guardDefaults
  return {
    failures: reader.integer('failures', { min: 0, max: 1_000_000 }) ?? breaker.failures,
    openMs: boundedMs(reader, 'open', 1) ?? breaker.openMs,
  }
}

function readReport(reader: MessageReader): GuardSpec['report'] {
  const { report } = guardDefaults
  return {
    maxItems: reader.integer('max_items', { min: 1, max: 100_000 }) ?? report.maxItems,
    maxBytes: reader.integer('max_bytes', { min: 1, max: 64 * 1024 * 1024 }) ?? report.maxBytes,
    maxAgeMs: boundedMs(reader, 'max_age', 0) ?? report.maxAgeMs,
    maxQueued: reader.integer('max_queued', { min: 1, max: 10_000_000 }) ?? report.maxQueued,
  }
}

/** `failurePolicy: open`, or `failurePolicy: {cached: {maxAge: 10m, then: closed}}`. */
function readFailurePolicy(reader: MessageReader): FailurePolicy {
  const node = reader.field('failure_policy')
  if (node === undefined) return guardDefaults.onFailure
  if (node.kind === 'map') return readCached(node, reader) ?? guardDefaults.onFailure
  const kind = reader.choose(node, 'failurePolicy', policies)
  return kind === undefined ? guardDefaults.onFailure : { kind }
}

function readCached(node: Node, reader: MessageReader): FailurePolicy | undefined {
  return readMessage(node, reader.report, "handler's failurePolicy", policy =>
    policy.message('cached', cached => {
      const maxAgeMs = boundedMs(cached, 'max_age', 1)
      if (maxAgeMs === undefined && cached.field('max_age') === undefined)
        cached.missing('max_age', 'say for how long an old answer may stand in, for example maxAge: 10m')
      // biome-ignore lint/suspicious/noThenProperty: the contract's word; it holds a text and is never awaited
      return { kind: 'cached', maxAgeMs: maxAgeMs ?? 0, then: cached.choice('then', policies) ?? 'caller' }
    }),
  )
}

function boundedMs(reader: MessageReader, name: string, minMs: number): number | undefined {
  const found = reader.duration(name)
  if (found === undefined) return undefined
  if (found.value >= minMs && found.value <= maxMs) return found.value
  reader.report.problem(
    'CONFIG_BAD_VALUE',
    found.place,
    `Cannot read ${name}: found ${found.value} ms, wanted ${minMs} ms to ${maxMs} ms`,
    `write a duration from ${minMs}ms to 1h`,
  )
  return undefined
}
