import {
  type Adapter,
  type AdapterHost,
  type Handler,
  SettingsError,
  type SettingsProblem,
} from '@outboard/adapters-sdk'
import type { HandlerSpec, HostServices } from '../../engine/ports.js'
import { messageOf } from '../failure.js'

/** Finds an adapter that is part of this process, by the name that configuration uses. */
export type AdapterLookup = (name: string) => Adapter | undefined | Promise<Adapter | undefined>

export type OpenedLocally =
  | { readonly kind: 'opened'; readonly handler: Handler }
  | { readonly kind: 'refused'; readonly problems: readonly SettingsProblem[] }

/** Opens an adapter of this process. Whatever goes wrong refuses the handler; nothing is thrown. */
export async function openLocally(
  adapters: AdapterLookup,
  spec: HandlerSpec,
  host: HostServices,
): Promise<OpenedLocally> {
  try {
    const adapter = await adapters(spec.adapter)
    if (adapter === undefined) {
      return refused([
        {
          path: '',
          message: `adapter "${spec.adapter}" is not part of this process; give a connection.address`,
        },
      ])
    }
    return { kind: 'opened', handler: await adapter.open(spec.settings, adapterHost(spec, host)) }
  } catch (thrown) {
    if (thrown instanceof SettingsError) return refused(thrown.problems)
    return refused([{ path: '', message: `adapter "${spec.adapter}" failed to open: ${messageOf(thrown)}` }])
  }
}

function refused(problems: readonly SettingsProblem[]): OpenedLocally {
  return { kind: 'refused', problems }
}

function adapterHost(spec: HandlerSpec, host: HostServices): AdapterHost {
  return {
    handler: spec.id,
    instances: spec.instances,
    now: () => host.clock.now(),
    log: (level, message) => host.adapterLog(spec.id, level, message),
    invalidate: key => host.invalidated(spec.id, key),
  }
}
