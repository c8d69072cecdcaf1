import type { Vocabulary } from '../../src/mixer/attributes/index.js'
import { type Action, guardDefaults, type HandlerSpec, type Rule } from '../../src/mixer/config/index.js'
import { compile } from '../../src/mixer/expr/index.js'

const handler: HandlerSpec = {
  id: 'h.handler.istio-system',
  displayName: 'h.istio-system',
  adapter: 'noop',
  placement: 'in-process',
  settings: undefined,
  settingsAny: undefined,
  connection: undefined,
  guard: guardDefaults,
  cacheable: true,
  templates: new Map(),
  instances: [],
  signature: '',
}

const action: Action = { name: '', handler, instances: [], outputSlots: new Map() }

/** A rule with one check action, made without documents: for the rule index by itself. */
export function plainRule(
  vocabulary: Vocabulary,
  match: string,
  rule: Partial<Rule> & Pick<Rule, 'name'>,
): Rule {
  return {
    namespace: 'istio-system',
    priority: 0,
    enforcement: 'enforce',
    onMatchFailure: 'skip',
    match: match === '' ? undefined : compile(match, vocabulary, { expected: 'BOOL' }),
    actions: { produce: [], check: [action], quota: [], report: [] },
    headerOperations: [],
    headerVocabulary: vocabulary,
    ...rule,
  }
}
