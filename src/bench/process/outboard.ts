import { Child, sibling } from './child.js'
import { Fields } from './fields.js'

/** A process that listens. */
export interface Listening {
  readonly child: Child
  readonly address: string
  /** From its start until it said where it listens, milliseconds. */
  readonly readyMs: number
}

/** A host, whose metrics can be read. */
export interface ListeningHost extends Listening {
  readonly admin: string
}

/** The command `outboard` itself. */
const outboard = sibling('../../main', import.meta.url)

export interface ServeSetup {
  readonly config: string
  readonly address: string
  readonly flags?: readonly string[]
  readonly processes?: number
  readonly nodeOptions?: readonly string[]
  /** See `ChildOptions`. */
  readonly probed?: boolean
}

/** Starts `outboard serve` as anyone would, and waits until its doors are open. */
export async function startServe(name: string, setup: ServeSetup): Promise<ListeningHost> {
  const { config, address, flags = [], processes = 1, nodeOptions = [], probed = true } = setup
  const args = ['serve', '--config', config, '--address', address, '--admin', '127.0.0.1:0']
  args.push('--log-format', 'json', '--processes', String(processes), ...flags)
  const child = new Child({ name, script: outboard, args, nodeOptions, probed })
  let listening = 0
  let admin = ''
  const started = await whenStarted(child, 'where it listens', line => {
    const said = jsonOf(line)
    if (said?.unknown('event') !== 'listening' || ++listening < processes) return undefined
    admin = said.text('admin')
    return said.texts('addresses')[0]
  })
  return { ...started, admin }
}

/** Starts `outboard adapter serve`. */
export async function startAdapter(
  name: string,
  adapter: string,
  address: string,
  nodeOptions: readonly string[] = [],
): Promise<Listening> {
  const args = ['adapter', 'serve', adapter, '--address', address, '--json']
  const child = new Child({ name, script: outboard, args, nodeOptions })
  return whenStarted(child, 'where it listens', line => jsonOf(line)?.maybeText('address'))
}

/** Waits for a process of ours to say where it listens; without an answer nothing is left running. */
export async function whenStarted(
  child: Child,
  what: string,
  addressIn: (line: string) => string | undefined,
): Promise<Listening> {
  try {
    const address = await child.printed(what, addressIn)
    return { child, address, readyMs: performance.now() - child.startedAt }
  } catch (error) {
    await child.stop()
    throw error
  }
}

/** A line that is a JSON object. */
export function jsonOf(line: string): Fields | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return new Fields('a line', JSON.parse(line))
  } catch {
    return undefined // another line that only begins alike
  }
}
