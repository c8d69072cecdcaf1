import { AttributeBag, type Vocabulary } from '../mixer/attributes/index.js'
import {
  type Explanation,
  explain,
  type HeaderExplanation,
  type Phase,
  type QuestionExplanation,
  type Rule,
  type RuleExplanation,
} from '../mixer/config/index.js'
import { EvalFailure } from '../mixer/expr/index.js'
import { EvalFileError, readAttributes } from './eval-files.js'
import { valueFromJson } from './eval-values.js'
import { Exit, type ExitCode } from './exit.js'
import { recordToJson } from './explain-fields.js'
import type { Shell } from './shell.js'
import { loadForCommand, refusalText, type ValidateOptions } from './validate.js'

export interface ExplainOptions extends ValidateOptions {
  /** One object of attribute name to value, JSON or YAML, in the form of `outboard eval`. */
  readonly attributesFile: string
}

/**
 * `outboard explain --attributes F PATH`: for each rule whether it matches, or why not; for those that match, what would
 * go to which handler. Exit code 1 when the configuration or the attributes cannot be read.
 */
export async function runExplain(options: ExplainOptions, io: Pick<Shell, 'out' | 'err'>): Promise<ExitCode> {
  const loaded = await loadForCommand(options)
  if (loaded.kind === 'refused') {
    io.err(refusalText(loaded))
    return Exit.failed
  }
  try {
    const attributes = await readAttributes(options.attributesFile)
    const { bag, ignored } = bagOf(attributes, loaded.snapshot.vocabulary)
    const explanation = explain(loaded, bag)
    io.out(
      options.json
        ? `${JSON.stringify(asJson(explanation, ignored), undefined, 2)}\n`
        : asText(explanation, ignored, loaded.defaultNamespace),
    )
    return Exit.done
  } catch (error) {
    if (!(error instanceof EvalFileError)) throw error
    io.err(`outboard: ${error.message} (${error.code})\n`)
    return Exit.failed
  }
}

function bagOf(
  attributes: Readonly<Record<string, unknown>>,
  vocabulary: Vocabulary,
): { bag: AttributeBag; ignored: string[] } {
  const bag = new AttributeBag(vocabulary)
  const ignored: string[] = []
  for (const [name, json] of Object.entries(attributes)) {
    const slot = vocabulary.slot(name)
    const value = slot === undefined ? undefined : valueFromJson(vocabulary.type(slot), json)
    if (slot === undefined) ignored.push(`${name}: not declared`)
    else if (value === undefined) ignored.push(`${name}: not a value of type ${vocabulary.type(slot)}`)
    else bag.set(slot, value)
  }
  return { bag, ignored }
}

function asText(
  { namespace, rules, callerQuotas }: Explanation,
  ignored: readonly string[],
  defaultNamespace: string,
): string {
  const quotas = [...callerQuotas].map(([name, amount]) => `${name} ${amount}`)
  const producing = rules.some(
    ({ outcome, phases }) => outcome.kind === 'matches' && phases.includes('produce'),
  )
  return [
    ...ignored.map(line => `ignored attribute ${line}`),
    `rules of ${defaultNamespace}${namespace === '' || namespace === defaultNamespace ? '' : ` and ${namespace}`} apply`,
    ...(producing ? ['attributes that handlers would produce are not known here: add them to the file'] : []),
    ...rules.flatMap(ruleLines),
    ...(quotas.length === 0 ? [] : [`a caller that names no quotas is charged: ${quotas.join(', ')}`]),
    '',
  ].join('\n')
}

function ruleLines({ rule, outcome, phases, questions, headers }: RuleExplanation): string[] {
  const title = `${rule.name} (${phases.join(', ')}${rule.enforcement === 'shadow' ? ', shadow' : ''})`
  switch (outcome.kind) {
    case 'matches':
      return [`${title}: matches`, ...questions.flatMap(questionLines), ...headers.map(headerLine)]
    case 'other-namespace':
      return [`${title}: not asked: it is for requests of the namespace ${rule.namespace}`]
    case 'false':
      return [`${title}: does not match: ${outcome.conjunct} is false`, ...looks(outcome.looked)]
    case 'failed': {
      return [
        `${title}: ${meaningOfFailure(rule, phases)}: ${outcome.conjunct} has no value: ${outcome.message}`,
        ...looks(outcome.looked),
      ]
    }
  }
}

/** What it means that a match has no value: it fails what the rule has actions for, unless it is a shadow. */
function meaningOfFailure({ onMatchFailure, enforcement }: Rule, phases: readonly Phase[]): string {
  if (onMatchFailure === 'skip') return 'does not match'
  const isShadow = enforcement === 'shadow'
  const meanings = new Set(phases.map(phase => (isShadow ? wouldMean : means)[phase]))
  return isShadow ? `does not match; enforced it would ${[...meanings].join(', ')}` : [...meanings].join(', ')
}

const means: Readonly<Record<Phase, string>> = {
  produce: 'leaves the check undecided and fails the report',
  check: 'leaves the check undecided',
  quota: 'fails the quotas',
  report: 'fails the report',
}

const wouldMean: Readonly<Record<Phase, string>> = {
  produce: 'leave the check undecided and fail the report',
  check: 'leave the check undecided',
  quota: 'fail the quotas',
  report: 'fail the report',
}

function looks(looked: readonly string[]): string[] {
  return looked.map(line => `    ${line}`)
}

function questionLines({ phase, handler, instance, answer }: QuestionExplanation): string[] {
  const title = `  ${phase}: ${handler.id} (${handler.adapter}, ${handler.placement}) is asked about ${instance.name}`
  if (answer instanceof EvalFailure) return [`${title}, which cannot be filled in: ${answer.message}`]
  return [title, ...fieldLines(recordToJson(instance.template.instance, answer.fields), '    ')]
}

function fieldLines(fields: unknown, indent: string): string[] {
  if (typeof fields !== 'object' || fields === null) return [`${indent}${JSON.stringify(fields)}`]
  return Object.entries(fields).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? [`${indent}${name}:`, ...fieldLines(value, `${indent}  `)]
      : [`${indent}${name}: ${JSON.stringify(value)}`],
  )
}

function headerLine({ template, value }: HeaderExplanation): string {
  const what = `  ${template.on} header ${template.name}: ${template.operation}`
  if (template.operation === 'remove') return what
  if (value instanceof EvalFailure) return `${what} is skipped: ${value.message}`
  return value === '' ? `${what} is skipped: its value is empty` : `${what} ${JSON.stringify(value)}`
}

function asJson({ namespace, rules, callerQuotas }: Explanation, ignored: readonly string[]): unknown {
  return {
    namespace,
    ignored,
    rules: rules.map(({ rule, outcome, phases, questions, headers }) => ({
      name: rule.name,
      enforcement: rule.enforcement,
      priority: rule.priority,
      phases,
      outcome,
      questions: questions.map(({ phase, action, handler, instance, answer }) => ({
        phase,
        action,
        handler: handler.id,
        adapter: handler.adapter,
        placement: handler.placement,
        instance: instance.name,
        template: instance.template.name,
        ...(answer instanceof EvalFailure
          ? { failure: answer.message }
          : { fields: recordToJson(instance.template.instance, answer.fields) }),
      })),
      headers: headers.map(({ template: { on, operation, name }, value }) => ({
        on,
        operation,
        name,
        ...(value instanceof EvalFailure ? { failure: value.message } : { value }),
      })),
    })),
    callerQuotas: Object.fromEntries([...callerQuotas].map(([name, amount]) => [name, Number(amount)])),
  }
}
