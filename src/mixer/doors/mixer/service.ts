import { Code } from '@outboard/adapters-sdk'
import type { CheckAnswer, Engine, ReportAnswer, Undecided } from '../../engine/api.js'
import type { Clock } from '../../engine/ports.js'
import type { Telemetry } from '../../telemetry/index.js'
import { MethodCounts, Tally } from '../counting.js'
import { PerVocabulary } from '../per-vocabulary.js'
import { type Answer, type IncomingCall, Refusal, type Service } from '../service.js'
import { traceparentOf } from '../trace.js'
import { dropReasons, type OnDropped } from './attributes.js'
import { decodeCheckRequest } from './check-request.js'
import { encodeCheckResponse } from './check-response.js'
import { globalWords } from './dictionary.js'
import { defaultLimits, type MessageLimits } from './limits.js'
import { type DecodedReport, decodeReportRequest } from './report-request.js'
import { type SlotTable, slotTable } from './slots.js'

export interface MixerDoorOptions {
  readonly engine: Engine
  readonly telemetry: Telemetry
  readonly clock: Clock
  /** Default: see {@link defaultLimits}. */
  readonly limits?: MessageLimits
}

const door = 'mixer'
const serviceName = 'istio.mixer.v1.Mixer'
const emptyMessage = Buffer.alloc(0)
const overloaded = 'Server is currently overloaded. Please try again.'

/** The door that Istio's sidecars knock at: `istio.mixer.v1.Mixer`, Check and Report. */
export function mixerService(options: MixerDoorOptions): Service {
  const { engine, telemetry, clock, limits = defaultLimits } = options
  const tables = new PerVocabulary(slotTable)
  const checks = new MethodCounts(telemetry, clock, door, 'Check')
  const reports = new MethodCounts(telemetry, clock, door, 'Report')
  const dropped = new Tally(dropReasons, reason =>
    telemetry.counter('door_attributes_dropped', { door, reason }),
  )
  const malformed = telemetry.counter('door_malformed', { door })

  const onDropped: OnDropped = (why, name) => {
    dropped.add(why)
    telemetry.log.debug('attribute_dropped', { door, why, name })
  }
  const refuseMalformed = (why: string, call: IncomingCall): Refusal => {
    malformed.add(1)
    telemetry.log.warn('malformed_message', { door, why, peer: call.peer })
    return new Refusal(Code.INVALID_ARGUMENT, `malformed message: ${why}`)
  }

  const check = (message: Buffer, call: IncomingCall): Answer | Promise<Answer> => {
    const begun = checks.begin()
    const pinned = engine.pin()
    const table = tables.of(pinned.vocabulary)
    const decoded = decodeCheckRequest(message, pinned.vocabulary, table, limits, onDropped)
    if ('malformed' in decoded) return checks.done(begun, refuseMalformed(decoded.malformed, call))
    const { bag, globalWordCount, deduplicationId, quotas } = decoded
    if (globalWordCount > globalWords.length)
      return checks.done(begun, inconsistentDictionaries(globalWordCount))
    return pinned
      .check(bag, {
        door,
        deadline: call.deadline,
        traceparent: traceparentOf(call),
        deduplicationId,
        quotas,
        onCancel: call.onCancel,
      })
      .then(answer => checks.done(begun, checkAnswer(answer, table, globalWordCount)))
  }

  const report = (message: Buffer, call: IncomingCall): Answer | Promise<Answer> => {
    const begun = reports.begin()
    const pinned = engine.pin()
    const decoded = decodeReportRequest(
      message,
      pinned.vocabulary,
      tables.of(pinned.vocabulary),
      limits,
      onDropped,
    )
    if ('malformed' in decoded) return reports.done(begun, refuseMalformed(decoded.malformed, call))
    if (decoded.globalWordCount > globalWords.length)
      return reports.done(begun, inconsistentDictionaries(decoded.globalWordCount))
    if (decoded.bags.length === 0) return reports.done(begun, reportAnswer({ kind: 'taken' }, decoded))
    const { deadline } = call
    return pinned
      .report(decoded.bags, { door, deadline, traceparent: traceparentOf(call) })
      .then(answer => reports.done(begun, reportAnswer(answer, decoded)))
  }

  return {
    name: serviceName,
    methods: [
      { kind: 'unary', path: `/${serviceName}/Check`, answer: check },
      { kind: 'unary', path: `/${serviceName}/Report`, answer: report },
    ],
  }
}

/** Source: reference wire-mixer-v1, section 5. */
function inconsistentDictionaries(callerWords: number): Refusal {
  return new Refusal(
    Code.INTERNAL,
    `inconsistent global dictionary versions used: mixer knows ${globalWords.length} words, caller knows ${callerWords}`,
  )
}

function checkAnswer(answer: CheckAnswer, table: SlotTable, globalWordCount: number): Answer {
  switch (answer.kind) {
    case 'decided':
      return encodeCheckResponse(answer, table, globalWordCount)
    case 'undecided':
      return undecided(answer)
  }
}

/** Source: reference dispatch, section 10. */
function undecided({ reason, message }: Undecided): Refusal {
  switch (reason) {
    case 'OVERLOADED':
      return new Refusal(Code.UNAVAILABLE, overloaded)
    case 'PRODUCE_FAILED':
      return new Refusal(Code.INTERNAL, `preprocessing attributes failed: ${message}`)
    case 'CHECK_FAILED':
      return new Refusal(Code.INTERNAL, `performing check operation failed: ${message}`)
    case 'DEADLINE':
      return new Refusal(Code.DEADLINE_EXCEEDED, message)
  }
}

function reportAnswer(answer: ReportAnswer, { problems }: DecodedReport): Answer {
  switch (answer.kind) {
    case 'overloaded':
      return new Refusal(Code.UNAVAILABLE, overloaded)
    case 'taken':
      return problems.length === 0 ? emptyMessage : reportFailed(problems)
    case 'failed':
      return reportFailed([...problems, ...answer.problems])
  }
}

/** The text of a joined error, as upstream writes it. */
function reportFailed(problems: readonly string[]): Refusal {
  const list = problems.map(problem => `\t* ${problem}\n`).join('')
  return new Refusal(
    Code.UNKNOWN,
    `${problems.length} error${problems.length === 1 ? '' : 's'} occurred:\n${list}\n`,
  )
}
