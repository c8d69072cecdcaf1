import type { HandlerSpec, HostServices, Opened, Placement } from '../../engine/ports.js'
import { LocalHandler } from './local-handler.js'
import { type AdapterLookup, openLocally } from './open-local.js'

/**
 * Handlers that are objects of this process: the adapters that come with the host, and those of tests.
 * @example await inProcess(name => (name === 'denier' ? denier : undefined)).open(spec, host)
 */
export function inProcess(adapters: AdapterLookup): Placement {
  return {
    name: 'in-process',
    async open(spec: HandlerSpec, host: HostServices): Promise<Opened> {
      const opened = await openLocally(adapters, spec, host)
      if (opened.kind === 'refused') return opened
      return { kind: 'opened', handler: new LocalHandler(opened.handler, spec.id, host.clock) }
    },
  }
}
