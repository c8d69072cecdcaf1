import type { SettingsProblem } from '@outboard/adapters-sdk'
import type { HandlerSpec, HostServices, Opened, Placement } from '../../engine/ports.js'
import { type DialerFor, EndpointPool } from '../endpoints/pool.js'
import { type Address, isLoopback, parseAddress } from '../endpoints/target.js'
import type { Remote } from '../options.js'
import { type Place, securityProblems } from '../security/hop-security.js'
import { RemoteHandler } from './remote-handler.js'

/** Addresses of one handler; more are refused. */
const maxAddresses = 64

/** Handlers whose adapters run outside this process, reached by one protocol (or by whichever they speak). */
export class RemotePlacement implements Placement {
  readonly name: string
  readonly #remote: Remote
  readonly #pool: EndpointPool

  constructor(name: 'session' | 'unary' | 'auto', remote: Remote, dialerFor: DialerFor) {
    this.name = name
    this.#remote = remote
    this.#pool = new EndpointPool(remote, dialerFor)
  }

  /** Endpoints that some handler needs. */
  get endpoints(): number {
    return this.#pool.size
  }

  async open(spec: HandlerSpec, host: HostServices): Promise<Opened> {
    const connection = spec.connection
    if (connection === undefined) {
      return refused([{ path: 'connection', message: `placement ${this.name} needs an address` }])
    }
    const parsed = connection.addresses.map(parseAddress)
    const problems = [
      ...addressProblems(parsed),
      ...securityProblems(connection, placesOf(parsed), host.clock),
    ]
    if (problems.length > 0) return refused(problems)
    const addresses = parsed.filter(address => 'kind' in address)
    const handler = new RemoteHandler(this.name, spec, host, addresses, connection, this.#pool, this.#remote)
    handler.hopeless() // its endpoints may be known to be down: then there is nothing to wait for
    const outcome = await handler.opening.outcome(this.#remote.timing.openMs, this.#remote.clock)
    if (outcome.kind === 'opened') return { kind: 'opened', handler }
    await handler.close(0)
    return outcome
  }
}

function refused(problems: readonly SettingsProblem[]): Opened {
  return { kind: 'refused', problems }
}

function addressProblems(parsed: readonly (Address | SettingsProblem)[]): readonly SettingsProblem[] {
  const path = 'connection.address'
  if (parsed.length === 0) return [{ path, message: 'no address is given' }]
  if (parsed.length > maxAddresses) {
    return [{ path, message: `${parsed.length} addresses; at most ${maxAddresses} are taken` }]
  }
  return parsed.filter(address => 'path' in address)
}

function placesOf(
  parsed: readonly (Address | SettingsProblem)[],
): readonly (Place & { readonly name: string })[] {
  const places: (Place & { readonly name: string })[] = []
  for (const address of parsed) {
    if (!('kind' in address)) continue
    if (address.kind === 'fixed') places.push(address.target)
    else places.push({ name: address.text, tlsName: address.host, local: isLoopback(address.host) })
  }
  return places
}
