import type { SettingsProblem } from '@outboard/adapters-sdk'
import type { AdapterHello, AnnouncedAdapter, Configure } from '@outboard/adapters-sdk/protocol'
import type { HandlerSpec } from '../../engine/ports.js'
import { messageOf } from '../failure.js'

/** What is sent to open a handler, but for its number; or why it cannot be sent. */
export type ConfigureFrame =
  | Omit<Configure, 'handler' | 'generation'>
  | { readonly kind: 'refused'; readonly problems: readonly SettingsProblem[]; readonly retryable: false }

/** Looks at what the adapter announced before it is asked: what it does not serve, it need not refuse. */
export function configureFrame(spec: HandlerSpec, hello: AdapterHello): ConfigureFrame {
  const adapter = adapterFor(spec.adapter, hello.adapters)
  if (adapter === undefined) {
    const names = hello.adapters.map(announced => `"${announced.name}"`).join(', ')
    return refused('adapter', `the process serves ${names || 'no adapters'}, not "${spec.adapter}"`)
  }
  const served = new Set(
    hello.templates.filter(t => adapter.templates.includes(t.number)).map(template => template.name),
  )
  const missing = [...spec.templates.keys()].filter(name => !served.has(name))
  if (missing.length > 0) {
    const names = missing.map(name => `"${name}"`).join(', ')
    return refused('instances', `adapter "${adapter.name}" does not serve template ${names}`)
  }
  let settings = ''
  try {
    settings = spec.settings === undefined || spec.settings === null ? '' : JSON.stringify(spec.settings)
  } catch (thrown) {
    return refused('', `the settings are not JSON: ${messageOf(thrown)}`)
  }
  const bytes = Buffer.byteLength(settings)
  if (bytes > hello.limits.settingsBytes) {
    return refused('', `the settings have ${bytes} bytes; the adapter takes ${hello.limits.settingsBytes}`)
  }
  return { kind: 'configure', id: spec.id, adapter: adapter.name, settings, instances: spec.instances }
}

/** The one with the name; or the only one, whatever configuration calls it (an `adapter` document has its own name). */
function adapterFor(name: string, adapters: readonly AnnouncedAdapter[]): AnnouncedAdapter | undefined {
  const named = adapters.find(adapter => adapter.name === name)
  return named ?? (adapters.length === 1 ? adapters[0] : undefined)
}

function refused(path: string, message: string): ConfigureFrame {
  return { kind: 'refused', problems: [{ path, message }], retryable: false }
}
