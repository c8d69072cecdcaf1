import { systemClock } from '../../mixer/engine/index.js'
import type { AuthenticationSpec, ConnectionSpec } from '../../mixer/engine/ports.js'
import { createPlacements, type Described } from '../../mixer/placements/index.js'
import { silent } from '../../mixer/telemetry/index.js'
import { CliError } from '../errors.js'
import { Exit, type ExitCode } from '../exit.js'
import { packageVersion } from '../package-facts.js'
import type { Shell } from '../shell.js'
import { printAdapter } from './print.js'

/** `adapter describe`'s flags, as commander gives them. */
export interface DescribeFlags {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly serverName?: string
  readonly allowPlaintext?: boolean
  readonly json?: boolean
}

/** `outboard adapter describe`: what a running adapter says of itself. */
export async function runDescribe(shell: Shell, address: string, flags: DescribeFlags): Promise<ExitCode> {
  const identity = { name: 'outboard', version: packageVersion(), instance: 'describe' }
  const placements = createPlacements(() => undefined, { clock: systemClock, telemetry: silent, identity })
  const described = await placements.describe(connectionOf(address, flags))
  if (described.kind === 'undescribed') throw unreachable(address, described)
  if (flags.json === true) shell.out(`${JSON.stringify(jsonOf(described), undefined, 2)}\n`)
  else shell.out(textOf(described))
  return Exit.done
}

function unreachable(address: string, { reason, unary }: Described & { kind: 'undescribed' }): CliError {
  const why = unary ? 'it speaks only Istio’s unary services, which say nothing of themselves' : reason
  return new CliError('CLI_UNREACHABLE', `The adapter at ${address} cannot be described: ${why}`)
}

function connectionOf(address: string, flags: DescribeFlags): ConnectionSpec {
  return {
    addresses: [address],
    timeoutMs: undefined,
    authentication: authenticationOf(flags),
    peerNames: [],
    allowPlaintext: flags.allowPlaintext === true,
  }
}

function authenticationOf({ ca, cert, key, serverName }: DescribeFlags): AuthenticationSpec {
  if (cert !== undefined && key !== undefined)
    return { kind: 'mutual', privateKey: key, clientCertificate: cert, caCertificates: ca, serverName }
  if (cert !== undefined || key !== undefined)
    throw new CliError('CLI_BAD_OPTION', '--cert and --key belong together')
  return ca === undefined
    ? { kind: 'none' }
    : { kind: 'tls', caCertificates: ca, serverName, token: undefined }
}

type Answered = Described & { kind: 'described' }

function textOf({ address, process, adapters }: Answered): string {
  const head = `${process.name} ${process.version} at ${address}\n`
  return [head, ...adapters.map(printAdapter)].join('\n')
}

function jsonOf({ address, process, adapters }: Answered) {
  return {
    address,
    process,
    adapters: adapters.map(({ templates, ...adapter }) => ({
      ...adapter,
      templates: templates.map(({ name, variety, methodPath }) => ({ name, variety, methodPath })),
    })),
  }
}
