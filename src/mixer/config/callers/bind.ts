import type { Vocabulary } from '../../attributes/index.js'
import type { Envelope } from '../decode/envelope.js'
import type { QuotaSpecBindingDocument } from '../decode/quota-spec.js'
import { didYouMean } from '../nearest.js'
import { ServiceIndex } from './services.js'

/** Puts what bindings name under the services they name. References that lead nowhere are reported. */
export function bindServices<T>(
  kind: 'QuotaSpec' | 'HTTPAPISpec',
  bindings: readonly QuotaSpecBindingDocument[],
  specs: ReadonlyMap<string, T>,
  seen: ReadonlySet<string>,
  vocabulary: Vocabulary,
): ServiceIndex<T> {
  const index = new ServiceIndex<T>(vocabulary)
  for (const { envelope, services, specs: references } of bindings)
    for (const { name, namespace } of references) {
      const id = `${name.value}.${kind}.${namespace}`
      const spec = specs.get(id)
      if (spec === undefined) {
        if (!seen.has(id)) reportUnknown(envelope, kind, id, name.place, specs)
        continue
      }
      for (const service of services) index.add(service, spec)
    }
  return index
}

function reportUnknown<T>(
  { report }: Envelope,
  kind: string,
  id: string,
  place: Parameters<Envelope['report']['problem']>[1],
  specs: ReadonlyMap<string, T>,
): void {
  report.problem(
    'CONFIG_UNKNOWN_SPEC',
    place,
    `Cannot bind: found no ${kind} ${id}${didYouMean(id, specs.keys())}`,
    `add the ${kind}, or correct its name or namespace`,
  )
}
