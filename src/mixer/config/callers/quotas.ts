import type { AttributeBag, Slot, Vocabulary } from '../../attributes/index.js'
import type { Resources } from '../compile/resources.js'
import type { QuotaSpecDocument, StringMatchDocument } from '../decode/quota-spec.js'
import { didYouMean } from '../nearest.js'
import type { Reporter } from '../report.js'
import type { CallerQuotas } from '../snapshot.js'
import type { Place } from '../source/place.js'
import { bindServices } from './bind.js'
import { regexPattern } from './pattern.js'
import { recorded, type ServiceIndex } from './services.js'

interface CompiledSpec {
  readonly rules: readonly {
    readonly match: readonly (readonly Clause[])[]
    readonly quotas: readonly { readonly name: string; readonly charge: number }[]
  }[]
}

interface Clause {
  readonly slot: Slot
  holds(text: string): boolean
}

const none: ReadonlyMap<string, bigint> = new Map()

/**
 * The quotas of QuotaSpec documents, as Istio's sidecars charge them (reference proxy-client, quotas): the clauses of one
 * match must all hold, any match is enough, no match is always; an attribute that is absent holds nothing. A
 * quota named several times is charged the sum; a document bound twice counts once.
 */
export class QuotaCharges implements CallerQuotas {
  readonly #specs: ServiceIndex<CompiledSpec>

  constructor({ quotaSpecs, quotaSpecBindings, seen }: Resources, vocabulary: Vocabulary) {
    const specs = new Map([...quotaSpecs].map(([id, spec]) => [id, compileSpec(spec, vocabulary)]))
    this.#specs = bindServices('QuotaSpec', quotaSpecBindings, specs, seen, vocabulary)
  }

  charges(bag: AttributeBag): ReadonlyMap<string, bigint> {
    const look = recorded(bag)
    const specs = this.#specs.find(look)
    if (specs.length === 0) return none
    const charges = new Map<string, bigint>()
    for (const { rules } of new Set(specs))
      for (const { match, quotas } of rules) {
        const holds = (clauses: readonly Clause[]) =>
          clauses.every(clause => {
            const text = look.text(clause.slot)
            return text !== undefined && clause.holds(text)
          })
        if (match.length > 0 && !match.some(holds)) continue
        for (const { name, charge } of quotas) charges.set(name, (charges.get(name) ?? 0n) + BigInt(charge))
      }
    return charges
  }
}

function compileSpec({ envelope, rules }: QuotaSpecDocument, vocabulary: Vocabulary): CompiledSpec {
  const { report } = envelope
  return {
    rules: rules.map(({ match, quotas }) => ({
      // Their places would keep the whole document.
      quotas: quotas.map(({ name, charge }) => ({ name, charge })),
      match: match.map(clauses =>
        clauses.flatMap(({ attribute, place, condition }): Clause[] => {
          const slot = textSlot(attribute, place, vocabulary, report)
          const holds = slot === undefined ? undefined : conditionOf(condition, report)
          return slot === undefined || holds === undefined ? [] : [{ slot, holds }]
        }),
      ),
    })),
  }
}

function textSlot(name: string, place: Place, vocabulary: Vocabulary, report: Reporter): Slot | undefined {
  const type = vocabulary.typeOf(name)
  if (type === 'STRING') return vocabulary.slot(name)
  if (type === undefined)
    report.problem(
      'CONFIG_UNKNOWN_ATTRIBUTE',
      place,
      `Cannot compile the clause: the attribute "${name}" is not declared${didYouMean(name, vocabulary.names())}`,
      'correct the name, or declare it in an attributemanifest',
    )
  else
    report.problem(
      'CONFIG_BAD_VALUE',
      place,
      `Cannot compile the clause: the attribute "${name}" is ${type}, wanted STRING`,
      'compare a text attribute',
    )
  return undefined
}

function conditionOf(
  condition: StringMatchDocument,
  report: Reporter,
): ((text: string) => boolean) | undefined {
  switch (condition.kind) {
    case 'exact':
      return text => text === condition.text
    case 'prefix':
      return text => text.startsWith(condition.text)
    case 'regex': {
      const pattern = regexPattern(condition.text, condition.place, report)
      return pattern && (text => pattern.matches(text))
    }
  }
}
