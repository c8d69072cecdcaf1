import type { AttributeValues } from '@outboard/adapters-sdk'
import { MixerClient, type MixerClientOptions } from '@outboard/adapters-sdk/client'
import { ManualClock } from '../support/manual-clock.js'
import type { ScriptedServer } from './scripted-server.js'

/** A client of a scripted server, on a clock that the test moves. */
export function clientOf(server: ScriptedServer, options: Partial<MixerClientOptions> = {}) {
  const clock = new ManualClock()
  const client = new MixerClient({ transport: server, clock, random: () => 0.5, clientId: 'c', ...options })
  return { client, clock, server }
}

/** Attributes of texts and of maps of texts. */
export function request(
  values: Readonly<Record<string, string | Readonly<Record<string, string>>>>,
): AttributeValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? { type: 'STRING', value } : { type: 'STRING_MAP', value },
    ]),
  )
}
