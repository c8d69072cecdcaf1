import type { Grant, Produced, TemplateDefinition, Variety, Verdict } from '@outboard/adapters-sdk'
import { AdapterError } from '@outboard/adapters-sdk'
import { AttributeBag, Vocabulary } from '../../src/mixer/attributes/index.js'
import type { GuardSpec, HandlerSpec } from '../../src/mixer/config/handler-spec.js'
import type { Action, CompiledInstance, Phase, Rule, Snapshot } from '../../src/mixer/config/snapshot.js'
import type {
  HostServices,
  Opened,
  PlacedHandler,
  Placement,
  Question,
} from '../../src/mixer/engine/ports.js'
import { EvalFailure } from '../../src/mixer/expr/index.js'

/** Attributes that the scripted snapshots know. */
export const vocabulary = new Vocabulary([
  { name: 'user', type: 'STRING' },
  { name: 'path', type: 'STRING' },
  { name: 'found', type: 'STRING' },
])

export function bagOf(values: Record<string, string>): AttributeBag {
  const bag = new AttributeBag(vocabulary)
  for (const [name, value] of Object.entries(values)) bag.setByName(name, value)
  return bag
}

/** What a scripted handler does when asked; a function sees the question's number, from 0. */
export interface Script {
  check?: (nth: number) => Promise<Verdict> | Verdict
  quota?: (nth: number, amount: bigint, dedupId: string) => Promise<Grant> | Grant
  /** `values`: the instances' bytes, as text. */
  report?: (
    instances: readonly string[],
    dedupId: string,
    values: readonly string[],
  ) => Promise<AdapterError | undefined>
  produce?: (nth: number) => Produced | AdapterError
}

export class ScriptedHandler implements PlacedHandler {
  readonly form = 'bytes'
  asked = 0
  closed = 0
  readonly traceparents: (string | undefined)[] = []

  constructor(private readonly script: Script) {}

  async check(_question: unknown, asking: { traceparent: string | undefined }): Promise<Verdict> {
    this.traceparents.push(asking.traceparent)
    return this.script.check?.(this.asked++) ?? unscripted()
  }

  async quota(_question: unknown, request: { amount: bigint }, asking: { dedupId: string }): Promise<Grant> {
    return this.script.quota?.(this.asked++, request.amount, asking.dedupId) ?? unscripted()
  }

  async report(
    questions: readonly Question[],
    asking: { dedupId: string },
  ): Promise<AdapterError | undefined> {
    this.asked++
    return this.script.report?.(
      questions.map(question => question.instanceName),
      asking.dedupId,
      questions.map(({ bytes }) => new TextDecoder().decode(bytes)),
    )
  }

  async produce(): Promise<Produced | AdapterError> {
    return this.script.produce?.(this.asked++) ?? unscripted()
  }

  status() {
    return { placement: 'scripted', endpoints: [] }
  }

  async close(): Promise<void> {
    this.closed++
  }
}

function unscripted(): { readonly kind: 'failed'; readonly error: AdapterError } & AdapterError {
  throw new AdapterError('ADAPTER_CRASHED', 'not scripted')
}

/** A placement whose handlers do what a table of scripts says, by handler id. */
export class ScriptedPlacement implements Placement {
  readonly name = 'in-process'
  readonly handlers = new Map<string, ScriptedHandler>()
  host: HostServices | undefined

  constructor(private readonly scripts: Record<string, Script | 'refused'>) {}

  async open(spec: HandlerSpec, host: HostServices): Promise<Opened> {
    this.host = host
    const script = this.scripts[spec.id] ?? {}
    if (script === 'refused')
      return { kind: 'refused', problems: [{ path: 'limit', message: 'must be positive' }] }
    const handler = new ScriptedHandler(script)
    this.handlers.set(spec.id, handler)
    return { kind: 'opened', handler }
  }
}

const guard: GuardSpec = {
  deadlineMs: 100,
  maxConcurrency: 10,
  breaker: { failures: 3, openMs: 1_000 },
  onFailure: { kind: 'caller' },
  report: { maxItems: 3, maxBytes: 1_000, maxAgeMs: 50, maxQueued: 10 },
}

export function handlerSpec(
  id: string,
  more: Partial<HandlerSpec> & { guardWith?: Partial<GuardSpec> } = {},
): HandlerSpec {
  const { guardWith, ...rest } = more
  return {
    id,
    displayName: id,
    adapter: 'scripted',
    placement: 'in-process',
    settings: {},
    settingsAny: undefined,
    connection: undefined,
    guard: { ...guard, ...guardWith },
    cacheable: true,
    templates: new Map(),
    instances: [],
    signature: id,
    ...rest,
  }
}

export function template(variety: Variety): TemplateDefinition {
  return {
    name: variety.toLowerCase(),
    packageName: 'scripted',
    variety,
    methodPath: '/scripted.HandleService/Handle',
    instance: { fullName: 'scripted.InstanceMsg', fields: [] },
    output: undefined,
  }
}

/** An instance whose bytes are an attribute's value, recorded as read; absent: a failure. */
export function instance(shortName: string, variety: Variety, attribute = 'user'): CompiledInstance {
  const slot = vocabulary.slot(attribute) ?? 0
  return {
    name: `${shortName}.instance.ns`,
    shortName,
    template: template(variety),
    build: () => new EvalFailure('invalid', 'not used'),
    encode: bag => {
      const value = bag.read(slot)
      return typeof value === 'string'
        ? new TextEncoder().encode(value)
        : new EvalFailure('absent', `lookup failed: '${attribute}'`)
    },
    bindings: [],
    bindingVocabulary: vocabulary,
    outputSlots: new Map(),
  }
}

export interface RuleScript {
  readonly name: string
  /** The rule matches when this attribute has this value; absent: a failure. Left out: always. */
  readonly when?: { readonly attribute: string; readonly equals: string }
  readonly rule?: Partial<Rule>
  readonly actions: readonly {
    readonly phase: Phase
    readonly action: Pick<Action, 'handler' | 'instances'>
  }[]
}

export function action(
  handler: HandlerSpec,
  ...instances: CompiledInstance[]
): Pick<Action, 'handler' | 'instances'> {
  return { handler, instances }
}

export function snapshotOf(id: number, scripts: readonly RuleScript[]): Snapshot {
  const rules = scripts.map(script => ({ script, rule: ruleOf(script) }))
  const handlers = new Map(
    scripts.flatMap(({ actions }) =>
      actions.map(({ action: { handler } }) => [handler.id, handler] as const),
    ),
  )
  return {
    id,
    revision: `r${id}`,
    vocabulary,
    handlers,
    rules: {
      size: phase => rules.filter(({ rule }) => rule.actions[phase].length > 0).length,
      match(phase, bag) {
        const matched: Rule[] = []
        const failures: { rule: Rule; failure: EvalFailure }[] = []
        for (const { script, rule } of rules) {
          if (rule.actions[phase].length === 0 && !(phase === 'check' && rule.headerOperations.length > 0))
            continue
          if (script.when !== undefined) {
            const value = bag.read(vocabulary.slot(script.when.attribute) ?? 0)
            if (value === undefined) {
              const failure = new EvalFailure('absent', `lookup failed: '${script.when.attribute}'`)
              failures.push({ rule, failure })
              continue
            }
            if (value !== script.when.equals) continue
          }
          matched.push(rule)
        }
        return { rules: matched, failures }
      },
    },
    callerQuotas: { charges: () => new Map() },
    api: { apply: () => {} },
  }
}

function ruleOf({ name, actions, rule = {} }: RuleScript): Rule {
  const of = (phase: Phase): Action[] =>
    actions
      .filter(one => one.phase === phase)
      .map(one => ({ name: '', outputSlots: new Map(), ...one.action }))
  return {
    name,
    namespace: 'ns',
    priority: 0,
    enforcement: 'enforce',
    onMatchFailure: 'skip',
    match: undefined,
    headerOperations: [],
    headerVocabulary: vocabulary,
    ...rule,
    actions: { produce: of('produce'), check: of('check'), quota: of('quota'), report: of('report') },
  }
}
