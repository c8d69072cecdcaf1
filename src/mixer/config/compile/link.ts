import type { TemplateDefinition } from '@outboard/adapters-sdk'
import type { HandlerSpec } from '../handler-spec.js'
import type { Action, Phase, Rule } from '../snapshot.js'
import { sortInTurns } from '../sort-in-turns.js'
import { mapInTurns, type Turns } from '../turns.js'
import { compareText } from '../vocabulary/build.js'
import { canonical, hash, templateFacts } from './canonical.js'
import type { HandlerDraft } from './handlers.js'
import type { ActionDraft, RuleDraft } from './rules.js'
import { sameTemplate } from './templates.js'

export interface Linked {
  /** By identity; only those that some action names. */
  readonly handlers: ReadonlyMap<string, HandlerSpec>
  readonly rules: readonly Rule[]
}

/** Gives every handler the instances that rules send it, and every action its handler. */
export async function link(drafts: readonly RuleDraft[], turns: Turns): Promise<Linked> {
  const gathered = new Map<string, Gathered>()
  await mapInTurns(drafts, turns, draft => {
    for (const action of draft.actions) gather(gathered, action, draft)
  })
  const inOrder = [...gathered].sort(([a], [b]) => compareText(a, b))
  const handlers = new Map<string, HandlerSpec>()
  for (const [id, own] of inOrder) handlers.set(id, await specOf(own, turns))
  const rules = await mapInTurns(drafts, turns, draft => ({ ...draft, actions: actionsOf(draft, handlers) }))
  return { handlers, rules }
}

interface Gathered {
  readonly draft: HandlerDraft
  readonly templates: Map<string, TemplateDefinition>
  /** Instance name to template name. */
  readonly instances: Map<string, string>
}

function gather(gathered: Map<string, Gathered>, action: ActionDraft, rule: RuleDraft): void {
  const { handler } = action
  let own = gathered.get(handler.id)
  if (own === undefined) {
    own = { draft: handler, templates: new Map(), instances: new Map() }
    gathered.set(handler.id, own)
  }
  for (const { name, template } of action.instances) {
    const before = own.templates.get(template.name)
    if (before === undefined) own.templates.set(template.name, template)
    else if (!sameTemplate(before, template)) {
      const { envelope } = handler.document
      envelope.report.problem(
        'CONFIG_TEMPLATE_CONFLICT',
        envelope.root.place,
        `Cannot open the handler: the rules send it instances of two templates named ${template.name} (packages ${before.packageName} and ${template.packageName}), the second by ${rule.name}`,
        'use one handler for each of the two',
      )
    }
    own.instances.set(name, template.name)
  }
}

async function specOf({ draft, templates, instances }: Gathered, turns: Turns): Promise<HandlerSpec> {
  const { document, id, displayName, adapter, settings, settingsAny } = draft
  const { placement, connection, guard, cacheable } = document
  const unordered = [...instances].map(([name, template]) => ({ name, template }))
  const sent = await sortInTurns(unordered, turns, (a, b) => compareText(a.name, b.name))
  const sentTexts = await mapInTurns(sent, turns, ({ name, template }) => canonical([name, template]))
  // The guard is a part of it: the host keeps the guard together with the handler.
  const facts = { id, adapter, placement, settings, settingsAny, connection, guard, cacheable, sentTexts }
  const templateList = [...templates.values()].map(templateFacts).map(canonical).sort()
  return {
    id,
    displayName,
    adapter,
    placement,
    settings,
    settingsAny,
    connection,
    guard,
    cacheable,
    templates,
    instances: sent,
    signature: hash(canonical([facts, templateList])),
  }
}

function actionsOf(
  { actions }: RuleDraft,
  handlers: ReadonlyMap<string, HandlerSpec>,
): Readonly<Record<Phase, readonly Action[]>> {
  const of = (phase: Phase) =>
    actions.flatMap((action): Action[] => {
      const handler = handlers.get(action.handler.id)
      if (action.phase !== phase || handler === undefined) return []
      const { name, instances, outputSlots } = action
      return [{ name, handler, instances, outputSlots }]
    })
  return { produce: of('produce'), check: of('check'), quota: of('quota'), report: of('report') }
}
