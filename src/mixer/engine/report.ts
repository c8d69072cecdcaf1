import { EvalFailure } from '../expr/index.js'
import { type ProducedAll, produce } from './produce.js'
import { ask } from './questions.js'
import { instanceFailed, matchRules, type Requested } from './request.js'

/**
 * Takes one attribute set of a report into the queues of the handlers that its rules name. What could not be taken is
 * the answer; the rest is taken all the same (reference dispatch, section 7). A promise only when a handler is asked for
 * attributes first: otherwise nothing waits.
 */
export function takeReport(request: Requested): readonly string[] | Promise<readonly string[]> {
  if (request.live.snapshot.rules.size('produce') === 0) return enqueue(request)
  return produce(request).then(produced => enqueueProduced(request, produced))
}

function enqueueProduced(request: Requested, produced: ProducedAll): readonly string[] {
  switch (produced.kind) {
    case 'failed':
      return [`preprocessing attributes failed: ${produced.message}`]
    case 'closed':
      return [`preprocessing attributes failed: handler "${produced.handler.id}" could not be asked`]
    case 'produced':
      return enqueue(request)
  }
}

const noProblems: readonly string[] = []

function enqueue(request: Requested): readonly string[] {
  const rules = matchRules(request, 'report')
  if (typeof rules === 'string') return [rules]
  let problems: string[] | undefined
  for (const rule of rules) {
    if (rule.enforcement === 'shadow') continue // counted as a match; never delivered
    for (const action of rule.actions.report) {
      const { guard, reports } = request.live.served(action.handler.id)
      for (const instance of action.instances) {
        const question = ask(instance, request.bag, guard.handler.form, 'form-only')
        let problem: string | undefined
        if (question instanceof EvalFailure) problem = instanceFailed(request, rule, instance, question)
        else if (reports.put(question) === 'refused')
          problem = `the queue of handler "${guard.spec.id}" takes nothing more`
        if (problem !== undefined) problems = [...(problems ?? []), problem]
      }
    }
  }
  return problems ?? noProblems
}
