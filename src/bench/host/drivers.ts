import { encodeInstance } from '@outboard/adapters-sdk'
import { systemClock } from '../../mixer/engine/index.js'
import type { Asking, Question } from '../../mixer/engine/ports.js'
import type { Operation } from '../load/run.js'
import { standardFacts } from '../requests/facts.js'
import { checkAttributes, reportAttributes } from '../requests/mixer.js'
import { standardVariety } from '../requests/workload.js'
import { Bags } from './bags.js'
import type { Composed } from './compose.js'
import type { Deliveries } from './deliveries.js'

/** Ways to put load on an engine from inside its own process. */
export const drivers = ['check', 'report', 'hop'] as const
export type Driver = (typeof drivers)[number]

const context = { door: 'bench', deadline: Number.POSITIVE_INFINITY, traceparent: undefined }

/** The standard Check, from the bag on: what a door does before and after is left out. */
export function checkDriver({ engine, snapshot }: Composed): Operation {
  const bags = new Bags(
    snapshot.vocabulary,
    Array.from(standardFacts(standardVariety), facts => checkAttributes(facts)),
  )
  const request = { ...context, deduplicationId: '', quotas: [], onCancel: undefined }
  return (_, done) => {
    void engine
      .pin()
      .check(bags.next(), request)
      .then(answer => {
        if (answer.kind === 'undecided') done(answer.message)
        else done(answer.code === 0 ? undefined : `the answer's code is ${answer.code}, not 0`)
      })
  }
}

/** One report, until its adapter has it and has said so. */
export function reportDriver({ engine, snapshot }: Composed, deliveries: Deliveries): Operation {
  const bags = new Bags(snapshot.vocabulary, Array.from(standardFacts(standardVariety), reportAttributes))
  return (lane, done) => {
    if (lane > 0) throw new RangeError('reports are followed one at a time: depth 1')
    const delivered = deliveries.next()
    void engine
      .pin()
      .report([bags.next()], context)
      .then(async answer => {
        if (answer.kind !== 'taken') return done(`the report was ${answer.kind}`)
        const error = await delivered
        done(error?.message)
      })
  }
}

/** Characters of the hop's question, so that its bytes are about 250. */
const questionLength = 220
/** Longest wait for one answer. */
const patienceMs = 5_000

/** The hop alone: one question to the first handler, without engine and guard. */
export async function hopDriver({ snapshot, placementOf }: Composed): Promise<Operation> {
  const [spec] = snapshot.handlers.values()
  if (spec === undefined) throw new TypeError('the configuration has no handler to ask')
  const host = { clock: systemClock, invalidated: () => {}, doubted: () => {}, adapterLog: () => {} }
  const opened = await placementOf(spec).open(spec, host)
  if (opened.kind === 'refused') throw new TypeError(JSON.stringify(opened.problems))
  const { handler } = opened
  const template = [...spec.templates.values()].find(({ name }) => name === 'listentry')
  if (template === undefined) throw new TypeError('the handler to ask does not take the template listentry')
  const record = {
    name: 'user.instance.istio-system',
    template: template.name,
    fields: { value: { type: 'STRING', value: 'x'.repeat(questionLength) } },
  }
  const question: Question = {
    instanceName: record.name,
    template,
    record,
    bytes: encodeInstance(template, record),
  }
  return (_, done) => {
    const asking: Asking = {
      dedupId: '',
      deadline: systemClock.now() + patienceMs,
      traceparent: undefined,
      onCancel: undefined,
    }
    void handler.check(question, asking).then(verdict => {
      if (verdict.kind === 'failed') done(verdict.error.message)
      else done(verdict.kind === 'allow' ? undefined : 'the answer is a denial')
    })
  }
}
