import { AttributeBag, Instant } from '../../attributes/index.js'
import type { Engine, ReportAnswer } from '../../engine/api.js'
import type { Clock } from '../../engine/ports.js'
import type { Telemetry } from '../../telemetry/index.js'
import { Tally } from '../counting.js'
import { PerVocabulary } from '../per-vocabulary.js'
import type { Service } from '../service.js'
import { AlsAttributes, alsSlots } from './attributes.js'
import { isEnd } from './flags.js'
import { type Identifier, type RawEntry, readEntry } from './message.js'
import type { ResolvedAls } from './options.js'
import { type LogSink, LogStream } from './stream.js'
import { TcpDeltas } from './tcp-deltas.js'

export interface AlsDoorOptions {
  readonly engine: Engine
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly options: ResolvedAls
}

/** What became of an entry. */
const fates = ['reported', 'not_an_end', 'queue_full', 'malformed', 'overloaded', 'failed'] as const
type Fate = (typeof fates)[number]

/** Envoy's bound on a batch is soft: one entry with large metadata exceeds it. Source: wire-envoy-als, section 5. */
const batchBytes = 4_194_304

const door = 'als'
const serviceName = 'envoy.service.accesslog.v3.AccessLogService'

/** The door for Envoy's gRPC access logs, HTTP and TCP. */
export function alsService({ engine, telemetry, clock, options }: AlsDoorOptions): Service {
  const slots = new PerVocabulary(alsSlots)
  const entries = new Tally(fates, fate => telemetry.counter('door_log_entries', { door, fate }))
  const dropped = telemetry.counter('door_attributes_dropped', { door, reason: 'bad_value' })
  const malformed = telemetry.counter('door_malformed', { door })
  const streams = telemetry.counter('door_streams', { door })
  const faults = telemetry.counter('door_faults', { method: `/${serviceName}/StreamAccessLogs` })
  const attributes = new AlsAttributes(options, new TcpDeltas(options.maxConnections), name => {
    dropped.add(1)
    telemetry.log.warn('custom_tag_refused', { door, attribute: name })
  })

  const bagsOf = (raw: readonly RawEntry[], identifier: Identifier) => {
    const pinned = engine.pin()
    const table = slots.of(pinned.vocabulary)
    const now = clock.now()
    const arrival = new Instant(Math.floor(now / 1_000), Math.floor((now % 1_000) * 1_000_000))
    const bags: AttributeBag[] = []
    for (const one of raw) {
      const entry = readEntry(one)
      if ('malformed' in entry) {
        entries.add('malformed')
        telemetry.log.warn('malformed_message', { door, why: entry.malformed, log: identifier.logName })
        continue
      }
      const { logType, intermediate } = entry.common
      if (options.entries === 'end' && !isEnd(logType, intermediate)) {
        entries.add('not_an_end')
        continue
      }
      const bag = new AttributeBag(pinned.vocabulary)
      attributes.fill(bag, table, entry, identifier, arrival)
      pinned.addApiAttributes(bag)
      bags.push(bag)
    }
    return { pinned, bags }
  }

  const sink: LogSink = {
    async report(raw, identifier) {
      try {
        const { pinned, bags } = bagsOf(raw, identifier)
        if (bags.length === 0) return
        const request = { door, deadline: Number.POSITIVE_INFINITY, traceparent: undefined }
        const answer = await pinned.report(bags, request)
        entries.add(fateOf(answer), bags.length)
        if (answer.kind === 'failed')
          telemetry.log.warn('report_failed', { door, log: identifier.logName, problems: answer.problems })
      } catch (error) {
        // A fault of our own must not end the stream, nor the process.
        faults.add(1)
        entries.add('failed', raw.length)
        telemetry.log.error('door_fault', { door, error: String(error) })
      }
    },
    dropped: count => entries.add('queue_full', count),
    malformed(why) {
      malformed.add(1)
      telemetry.log.warn('malformed_message', { door, why })
    },
  }
  return {
    name: serviceName,
    methods: [
      {
        kind: 'stream',
        path: `/${serviceName}/StreamAccessLogs`,
        atLeastBytes: batchBytes,
        open: (_call, out) => {
          streams.add(1)
          return new LogStream(sink, out, options)
        },
      },
    ],
  }
}

function fateOf(answer: ReportAnswer): Fate {
  switch (answer.kind) {
    case 'taken':
      return 'reported'
    case 'failed':
      return 'failed'
    case 'overloaded':
      return 'overloaded'
  }
}
