import type { Place } from '../source/place.js'
import type { MessageReader } from './reader.js'

/** Which requests a binding is for. Source: `istio.mixer.v1.config.client.IstioService`. */
export interface ServiceDocument {
  /** Empty when `service` is given. */
  readonly name: string
  readonly namespace: string
  /** Suffix of the full host name, without leading dot; default `svc.cluster.local`. */
  readonly domain: string
  /** A whole host name; `*` is every service. Empty when `name` is given. */
  readonly service: string
  readonly labels: ReadonlyMap<string, string>
  readonly place: Place
}

export function readService(reader: MessageReader, bindingNamespace: string): ServiceDocument | undefined {
  const name = reader.text('name')
  const namespace = reader.text('namespace')
  const domain = reader.text('domain')
  const service = reader.text('service')
  const labels = reader.textMap('labels')
  if ((name?.value ?? '') === '' && (service?.value ?? '') === '') {
    reader.missing('name', 'name the service: name and namespace, or the whole host name as service')
    return undefined
  }
  return {
    name: name?.value ?? '',
    namespace: namespace?.value || bindingNamespace,
    domain: domain?.value || 'svc.cluster.local',
    service: service?.value ?? '',
    labels,
    place: reader.node.place,
  }
}
