import type { HandlerSpec, HostServices, Opened, PlacedHandler, Placement } from '../../engine/ports.js'
import { CodedHandler } from './coded-handler.js'
import { LocalHandler } from './local-handler.js'
import { type AdapterLookup, openLocally } from './open-local.js'

/**
 * Handlers that are objects of this process: the adapters that come with the host, and those of tests.
 * @example await inProcess(name => (name === 'denier' ? denier : undefined)).open(spec, host)
 */
export function inProcess(adapters: AdapterLookup): Placement {
  return placement('in-process', adapters, handler => handler)
}

/** The same, asked and answering in bytes: what a hop costs without the hop. */
export function inProcessCoded(adapters: AdapterLookup): Placement {
  return placement('in-process-coded', adapters, handler => new CodedHandler(handler))
}

function placement(
  name: string,
  adapters: AdapterLookup,
  wrap: (handler: LocalHandler) => PlacedHandler,
): Placement {
  return {
    name,
    async open(spec: HandlerSpec, host: HostServices): Promise<Opened> {
      const opened = await openLocally(adapters, spec, host)
      if (opened.kind === 'refused') return opened
      return { kind: 'opened', handler: wrap(new LocalHandler(opened.handler, spec.id, host.clock)) }
    },
  }
}
