import { outputTypes, type TemplateDefinition, type Variety } from '@outboard/adapters-sdk'
import type { Slot, Vocabulary } from '../../attributes/index.js'
import type { Language } from '../../expr/index.js'
import type { Located } from '../decode/reader.js'
import type { ActionDocument, RuleDocument } from '../decode/rule.js'
import { identitiesOf, type ReferenceKind, resolve, shortestReference } from '../names.js'
import { didYouMean } from '../nearest.js'
import type { CompiledInstance, HeaderTemplate, Phase, Rule } from '../snapshot.js'
import { mapInTurns, type Turns } from '../turns.js'
import { compileText } from './expression.js'
import { type HandlerDraft, supports } from './handlers.js'
import type { Resources } from './resources.js'
import type { TemplateBook } from './templates.js'

/** A rule with everything resolved; its handlers are still drafts, because they wait for all rules' instances. */
export interface RuleDraft extends Omit<Rule, 'actions'> {
  readonly actions: readonly ActionDraft[]
}

export interface ActionDraft {
  readonly phase: Phase
  readonly name: string
  readonly handler: HandlerDraft
  readonly instances: readonly CompiledInstance[]
  readonly outputSlots: ReadonlyMap<string, Slot>
}

export interface RuleScope {
  readonly resources: Resources
  readonly templates: TemplateBook
  readonly handlers: ReadonlyMap<string, HandlerDraft>
  readonly instances: ReadonlyMap<string, CompiledInstance>
  readonly vocabulary: Vocabulary
  readonly language: Language | undefined
  readonly turns: Turns
}

const phaseOf: Readonly<Record<Variety, Phase>> = {
  CHECK: 'check',
  CHECK_WITH_OUTPUT: 'check',
  QUOTA: 'quota',
  REPORT: 'report',
  ATTRIBUTE_GENERATOR: 'produce',
}

export function draftRules(scope: RuleScope): Promise<RuleDraft[]> {
  return mapInTurns(scope.resources.rules, scope.turns, document => draftRule(document, scope))
}

function draftRule(document: RuleDocument, scope: RuleScope): RuleDraft {
  const { envelope, match, priority, enforcement, onMatchFailure } = document
  const language = scope.language ?? envelope.language
  const resolved = document.actions.map(action => ({ action, ...resolveAction(action, document, scope) }))
  if (document.actions.length === 0 && document.headers.length === 0)
    envelope.report.problem(
      'CONFIG_RULE_EMPTY',
      envelope.spec.place,
      'Cannot use the rule: found neither actions nor header operations',
      'say whom to ask: actions: [{handler: h, instances: [i]}], or remove the rule',
    )
  const headerVocabulary = scope.vocabulary.extend(resolved.flatMap(outputsOf))
  const expressions = { vocabulary: scope.vocabulary, language, report: envelope.report }
  return {
    name: envelope.id,
    namespace: envelope.namespace,
    priority,
    enforcement,
    onMatchFailure,
    match: match && compileText(match, { ...expressions, type: 'BOOL', what: "rule's match" }),
    actions: resolved.flatMap(({ action, handler, instances }) =>
      handler === undefined ? [] : splitByPhase(action, handler, instances, headerVocabulary),
    ),
    headerOperations: document.headers.flatMap(({ on, operation, name, values }): HeaderTemplate[] => {
      if (operation === 'remove') return [{ on, operation, name, value: undefined }]
      return values.flatMap(text => {
        const what = `${on} header operation on ${name}`
        const value = compileText(text, {
          ...expressions,
          vocabulary: headerVocabulary,
          type: 'STRING',
          what,
        })
        return value === undefined ? [] : [{ on, operation, name, value }]
      })
    }),
    headerVocabulary,
  }
}

interface Resolved {
  readonly handler: HandlerDraft | undefined
  readonly instances: readonly CompiledInstance[]
}

/** The handler and instances that an action names. Each reference that leads nowhere is a problem of its own. */
function resolveAction(action: ActionDocument, rule: RuleDocument, scope: RuleScope): Resolved {
  const { report } = rule.envelope
  const handler = action.handler && find(action.handler, 'handler', rule, scope.handlers, scope)
  const instances: CompiledInstance[] = []
  const named = new Set<string>()
  for (const reference of action.instances) {
    const instance = find(reference, 'instance', rule, scope.instances, scope)
    if (instance === undefined) continue
    if (named.has(instance.name))
      report.problem(
        'CONFIG_DUPLICATE_INSTANCE',
        reference.place,
        `Cannot use the action: the instance ${instance.name} stands in it twice`,
        'keep one of the two',
      )
    else if (handler !== undefined && !supports(handler, instance.template, scope.templates))
      report.problem(
        'CONFIG_TEMPLATE_UNSUPPORTED',
        reference.place,
        `Cannot use the action: the handler ${handler.id} (adapter ${handler.adapter}) does not take the template ${instance.template.name} of ${instance.name}${templatesOf(handler)}`,
        'send the instance to another handler, or use another template',
      )
    else instances.push(instance)
    named.add(instance.name)
  }
  return { handler, instances }
}

function templatesOf({ templates }: HandlerDraft): string {
  if (templates !== undefined) return `; it takes ${templates.map(({ name }) => name).join(', ') || 'none'}`
  return '; it did not answer, so only built-in templates can be sent to it'
}

function find<T>(
  reference: Located<string>,
  kind: ReferenceKind,
  { envelope }: RuleDocument,
  among: ReadonlyMap<string, T>,
  { resources }: RuleScope,
): T | undefined {
  const { namespace } = envelope
  const found = resolve(reference.value, kind, namespace, among)
  if (found !== undefined) return found
  // A document that could not be read, or compiled, has had its own message.
  if (identitiesOf(reference.value, kind, namespace).some(id => resources.seen.has(id))) return undefined
  const known = [...among.keys()].map(id => shortestReference(id, kind, namespace))
  envelope.report.problem(
    kind === 'handler' ? 'CONFIG_UNKNOWN_HANDLER' : 'CONFIG_UNKNOWN_INSTANCE',
    reference.place,
    `Cannot use the action: found no ${kind} "${reference.value}"${didYouMean(reference.value, known)}`,
    `add the ${kind}, or correct the name (looked for ${identitiesOf(reference.value, kind, namespace).join(', then ')})`,
  )
  return undefined
}

/** What the outputs of an action are called in header expressions: those of its first instance that has any. */
function outputsOf({ action, instances }: Resolved & { readonly action: ActionDocument }) {
  const template = instances.find(instance => instance.template.variety === 'CHECK_WITH_OUTPUT')?.template
  if (action.name === '' || template === undefined) return []
  return [...outputTypes(template)].map(([field, type]) => ({ name: outputName(action, field), type }))
}

function outputName({ name }: ActionDocument, field: string): string {
  return `${name}.output.${field}`
}

/** One for all actions without outputs, which are nearly all: an empty map weighs 200 bytes. */
const noOutputs: ReadonlyMap<string, Slot> = new Map()

function slotsOf(action: ActionDocument, template: TemplateDefinition, vocabulary: Vocabulary) {
  const slots = new Map<string, Slot>()
  for (const field of outputTypes(template).keys()) {
    const slot = vocabulary.slot(outputName(action, field))
    if (slot !== undefined) slots.set(field, slot)
  }
  return slots
}

function splitByPhase(
  action: ActionDocument,
  handler: HandlerDraft,
  instances: readonly CompiledInstance[],
  headerVocabulary: Vocabulary,
): ActionDraft[] {
  const byPhase = new Map<Phase, CompiledInstance[]>()
  for (const instance of instances) {
    const phase = phaseOf[instance.template.variety]
    const list = byPhase.get(phase)
    if (list === undefined) byPhase.set(phase, [instance])
    else list.push(instance)
  }
  return [...byPhase].map(([phase, own]) => {
    const outputs = own.find(({ template }) => template.variety === 'CHECK_WITH_OUTPUT')?.template
    const outputSlots =
      outputs === undefined || action.name === '' ? noOutputs : slotsOf(action, outputs, headerVocabulary)
    return { phase, name: action.name, handler, instances: own, outputSlots }
  })
}
