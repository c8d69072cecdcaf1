import { Command, Option } from 'commander'
import { CliError } from '../../cli/errors.js'
import { parseAddress } from '../../mixer/doors/address.js'
import type { Shape } from '../load/generator.js'
import { ForeignProcess } from '../process/foreign.js'
import type { Api } from '../requests/answers.js'
import { prepare, standardWorkload, type Workload } from '../requests/workload.js'
import type { Planned } from '../rounds/interleave.js'
import type { Subject } from '../rounds/measure.js'
import { loadText } from '../rounds/row.js'
import type { BenchContext } from './context.js'
import { type CommonFlags, connectionCount, processIds, wholeNumbers, withCommonOptions } from './options.js'
import { measureAndDeliver } from './run.js'
import { type Bench, type Findings, type Pace, paceOf, plan, warm } from './session.js'

interface TargetFlags extends CommonFlags {
  readonly api: 'mixer' | 'ext-authz'
  readonly requests?: string
  readonly pair?: readonly string[]
  readonly pids?: readonly number[]
  readonly depths?: readonly number[]
  readonly rates?: readonly number[]
  readonly connections: number
}

const examples = `
Examples:
  outboard bench target 127.0.0.1:9091 --api mixer
  outboard bench target --pair 127.0.0.1:9091 127.0.0.1:9191 --pids 4711,4712 --api ext-authz
  outboard bench target unix:///run/opa.sock --api ext-authz --requests requests.json

With --pids the CPU of servers on this machine is measured as well (Linux). The requests of a file
are those of "outboard check -f" for mixer, and {"host", "method", "path", "headers", "sourceIp"}
for ext-authz, one or an array. Without a file: the standard Check, which any verdict answers.`

export function targetCommand(context: BenchContext): Command {
  return withCommonOptions(
    new Command('target').description('the same load on any server that speaks one of the APIs'),
    { rounds: 5, seconds: 2 },
  )
    .argument('[address]', 'host:port, or unix:///path')
    .addOption(
      new Option('--api <name>', 'what the server speaks').choices(['mixer', 'ext-authz']).default('mixer'),
    )
    .option('--requests <file>', 'requests, as JSON')
    .option('--pair <addresses...>', 'two or more servers, measured in turn; ratios are to the first')
    .option('--pids <list>', 'process ids of the servers, in the same order', processIds)
    .option('--depths <list>', 'closed loops: so many calls at once (1,64)', wholeNumbers)
    .option('--rates <list>', 'open loops: so many calls a second (none)', wholeNumbers)
    .option('--connections <n>', 'connections to each server', connectionCount, 4)
    .addHelpText('after', examples)
    .action(async (address: string | undefined, flags: TargetFlags) => {
      const addresses = addressesOf(address, flags)
      if (flags.requests !== undefined) checkRequests(flags.api, flags.requests)
      const { api, connections, requests = 'standard' } = flags
      const options = { api, connections: String(connections), requests }
      await measureAndDeliver({ kind: 'target', options }, flags, context, bench =>
        targets(bench, paceOf(flags), addresses, flags),
      )
    })
}

async function targets(
  bench: Bench,
  pace: Pace,
  addresses: readonly string[],
  flags: TargetFlags,
): Promise<Findings> {
  const { api, requests, pids = [], depths = [1, 64], rates = [], connections } = flags
  const workload: Workload = requests === undefined ? standardWorkload : { kind: 'file', path: requests }
  const shapes: Shape[] = [
    ...depths.map((depth): Shape => ({ kind: 'closed', depth })),
    ...rates.map((perSecond): Shape => ({ kind: 'open', perSecond })),
  ]
  const planned: Planned[] = []
  const subjects: { address: string; subject: Subject }[] = []
  for (const [i, address] of addresses.entries()) {
    const subject = await openTarget(bench, { address, api, workload, connections }, pids[i])
    await warm(subject, pace)
    subjects.push({ address, subject })
  }
  for (const shape of shapes) {
    const load = loadText(shape)
    for (const { address, subject } of subjects)
      planned.push(
        plan(
          { key: load, setting: `${api} API` },
          { key: address, name: address, shape, subject },
          addresses[0],
        ),
      )
  }
  const notes =
    pids.length === 0
      ? ['Nothing is known of the servers themselves: give --pids to measure their CPU and memory.']
      : []
  return { rows: await bench.measure(planned, pace), figures: [], notes }
}

async function openTarget(
  { generator, line }: Bench,
  target: { address: string; api: Api; workload: Workload; connections: number },
  pid: number | undefined,
): Promise<Subject> {
  line.say(`connecting to ${target.address}`)
  return {
    load: await generator.target({ ...target, verdict: 'any' }),
    host: pid === undefined ? undefined : new ForeignProcess(pid),
    adapters: [],
    generator: generator.child,
    perCall: 1,
  }
}

/** The servers that were named. @throws {CliError} `CLI_USAGE`, `CLI_BAD_OPTION` */
function addressesOf(address: string | undefined, { pair, pids }: TargetFlags): readonly string[] {
  if (pair !== undefined && address !== undefined)
    throw new CliError('CLI_USAGE', `Cannot measure "${address}" beside --pair: name it behind --pair`)
  if (pair !== undefined && pair.length < 2)
    throw new CliError('CLI_USAGE', 'Cannot measure a pair of one: --pair wants two addresses or more')
  const addresses = pair ?? (address === undefined ? [] : [address])
  if (addresses.length === 0)
    throw new CliError('CLI_USAGE', 'Cannot measure nothing: wanted an address, or --pair with two of them')
  for (const one of addresses) checkAddress(one)
  if (new Set(addresses).size < addresses.length)
    throw new CliError('CLI_USAGE', 'Cannot measure a server next to itself: an address is named twice')
  if (pids !== undefined && pids.length !== addresses.length)
    throw new CliError(
      'CLI_BAD_OPTION',
      `Cannot tell whose processes --pids are: ${pids.length} for ${addresses.length} servers`,
    )
  return addresses
}

/** Said here, because the load generator would say it less well. */
function checkAddress(address: string): void {
  try {
    const parsed = parseAddress(address)
    if (parsed.kind === 'tcp' && parsed.port === 0) throw new TypeError('port 0 is no server')
  } catch (cause) {
    const wanted = 'host:port with a port from 1 to 65535, or unix:///path'
    throw new CliError('CLI_BAD_OPTION', `Cannot measure "${address}": wanted ${wanted}`, { cause })
  }
}

/** @throws {CliError} when the file cannot be read, or holds nothing */
function checkRequests(api: Api, path: string): void {
  if (prepare(api, { kind: 'file', path }).length === 0)
    throw new CliError('CLI_FILE_UNREADABLE', `Cannot read requests from ${path}: there are none in it`)
}
