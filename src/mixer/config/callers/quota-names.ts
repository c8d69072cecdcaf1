import type { QuotaSpecDocument } from '../decode/quota-spec.js'
import { didYouMean } from '../nearest.js'
import type { Rule } from '../snapshot.js'

/**
 * Notes the quotas of QuotaSpec documents that no rule has an instance of: charging them would limit nothing. No
 * problem, because the instance may be there later, and because proxies that name such quotas are granted them, too.
 */
export function noteUnknownQuotas(specs: Iterable<QuotaSpecDocument>, rules: readonly Rule[]): void {
  let known: ReadonlySet<string> | undefined
  for (const { envelope, rules: charging } of specs) {
    known ??= quotaNames(rules)
    for (const { quotas } of charging)
      for (const { name, place } of quotas)
        if (!known.has(name.toLowerCase()))
          envelope.report.note(
            place,
            `${envelope.id}: no rule has a quota instance of the name "${name}", so charging it limits nothing${didYouMean(name, known)}`,
          )
  }
}

function quotaNames(rules: readonly Rule[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { actions } of rules)
    for (const { instances } of actions.quota)
      for (const { shortName } of instances) names.add(shortName.toLowerCase())
  return names
}
