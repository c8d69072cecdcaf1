import { templateFromDescriptorSet } from '@outboard/adapters-sdk'
import type { AdapterHello, AnnouncedAdapter } from '@outboard/adapters-sdk/protocol'
import type { Announcement, ConnectionSpec } from '../engine/ports.js'
import { hasNoSession } from './auto-dialer.js'
import { type Address, parseAddress, resolvedTarget, type Target } from './endpoints/target.js'
import { messageOf } from './failure.js'
import type { Remote } from './options.js'
import { HopSecurity, securityProblems } from './security/hop-security.js'
import { sessionDialer } from './session/session-dialer.js'

/** What an adapter process said of itself, or why it said nothing. */
export type Described =
  | {
      readonly kind: 'described'
      /** Where it was reached, and what the process calls itself. */
      readonly address: string
      readonly process: {
        readonly name: string
        readonly version: string
        readonly features: readonly string[]
      }
      readonly adapters: readonly Announcement[]
    }
  /** `unary`: it is there, and speaks only Istio's services, which announce nothing. */
  | { readonly kind: 'undescribed'; readonly reason: string; readonly unary: boolean }

/** Asks the first of the addresses that answers what it serves. Never rejects; bounded by the handshake time. */
export async function describe(connection: ConnectionSpec, remote: Remote): Promise<Described> {
  let last: Described = { kind: 'undescribed', reason: 'no address is given', unary: false }
  for (const text of connection.addresses) {
    last = await describeOne(text, connection, remote)
    if (last.kind === 'described') return last
  }
  return last
}

async function describeOne(text: string, connection: ConnectionSpec, remote: Remote): Promise<Described> {
  try {
    const address = parseAddress(text)
    if (!('kind' in address)) return undescribed(address.message)
    const target = await targetOf(address, remote)
    const problem = securityProblems(connection, [target], remote.clock)[0]
    if (problem !== undefined) return undescribed(`${problem.path}: ${problem.message}`)
    return await ask(target, connection, remote)
  } catch (thrown) {
    return { ...undescribed(`${text}: ${messageOf(thrown)}`), unary: hasNoSession(thrown) }
  }
}

async function targetOf(address: Address, remote: Remote): Promise<Target> {
  if (address.kind === 'fixed') return address.target
  const [first] = await remote.resolver.resolve(address.host)
  if (first === undefined) throw new Error('the name has no addresses')
  return resolvedTarget(address, first)
}

async function ask(target: Target, connection: ConnectionSpec, remote: Remote): Promise<Described> {
  const dialer = sessionDialer(target, new HopSecurity(connection, remote.clock), remote, 'grpc')
  const nothing = () => {}
  const { link } = await dialer.connect({ draining: nothing, ended: nothing }, new AbortController().signal)
  try {
    const hello = link.hello
    if (hello === undefined) return undescribed(`${target.name} said no hello`)
    return {
      kind: 'described',
      address: target.name,
      process: { name: hello.name, version: hello.version, features: hello.features },
      adapters: hello.adapters.map(adapter => announcement(adapter, hello)),
    }
  } finally {
    void link.retire('it was only asked what it serves', 0)
  }
}

/** @throws {TemplateError} for a template that cannot be read, {SyntaxError} for a schema that is not JSON. */
function announcement(adapter: AnnouncedAdapter, hello: AdapterHello): Announcement {
  const templates = hello.templates.filter(template => adapter.templates.includes(template.number))
  return {
    name: adapter.name,
    version: adapter.version,
    description: adapter.description,
    templates: templates.map(template => templateFromDescriptorSet(template.descriptorSet)),
    settingsSchema: schemaOf(adapter.settingsSchema),
  }
}

function schemaOf(text: string): Readonly<Record<string, unknown>> {
  if (text === '') return {}
  const schema: unknown = JSON.parse(text)
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    throw new TypeError('the settings schema is not an object')
  }
  return Object.fromEntries(Object.entries(schema))
}

function undescribed(reason: string): Described & { kind: 'undescribed' } {
  return { kind: 'undescribed', reason, unary: false }
}
