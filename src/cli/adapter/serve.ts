import { type ServeOptions, serve } from '@outboard/adapters-sdk/serve'
import { type CliCode, CliError } from '../errors.js'
import { Exit, type ExitCode } from '../exit.js'
import { durationMs } from '../numbers.js'
import type { Shell } from '../shell.js'
import { signalsOf } from '../signals.js'
import { findAdapter } from './find.js'

/** `adapter serve`'s flags, as commander gives them. */
export interface AdapterServeFlags {
  readonly address: readonly string[]
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly tlsClientCa?: string
  readonly allowPlaintext?: boolean
  readonly drainTimeout: string
  readonly json?: boolean
}

/** `outboard adapter serve`: until a signal ends it. Its first line of output says where it listens. */
export async function runAdapterServe(
  shell: Shell,
  names: readonly string[],
  flags: AdapterServeFlags,
): Promise<ExitCode> {
  const adapters = await Promise.all(names.map(findAdapter))
  const signals = signalsOf(shell)
  const served = await serve(adapters, {
    address: flags.address,
    ...tlsOf(flags),
    allowPlaintext: flags.allowPlaintext === true,
    drainGraceMs: durationMs('--drain-timeout', flags.drainTimeout),
    log: line => shell.err(`${line}\n`),
  }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError(codeOf(cause), `Cannot serve on ${flags.address.join(', ')}: ${why}`, { cause })
  })
  const { address, addresses } = served
  const named = adapters.map(({ name, version }) => ({ name, version }))
  if (flags.json === true) shell.out(`${JSON.stringify({ address, addresses, adapters: named })}\n`)
  else
    shell.out(
      `${named.map(({ name, version }) => `${name} ${version}`).join(', ')} at ${addresses.join(', ')}\n`,
    )
  await served.drain(await signals.first)
  signals.stop()
  return Exit.done
}

/** What `serve` fails of: an address that is taken, files of TLS, or an option; also adapters that cannot go together. */
function codeOf(cause: unknown): CliCode {
  if (!(cause instanceof Error) || cause instanceof TypeError || cause instanceof RangeError)
    return 'CLI_BAD_OPTION'
  if ('code' in cause && cause.code === 'EADDRINUSE') return 'CLI_ADDRESS_IN_USE'
  // Listening and looking up are system calls on the address; whatever else fails is a file of TLS, or what it holds.
  const isAddress = 'syscall' in cause && cause.syscall !== 'open' && cause.syscall !== 'read'
  return isAddress ? 'CLI_BAD_OPTION' : 'CLI_FILE_UNREADABLE'
}

function tlsOf({ tlsCert, tlsKey, tlsClientCa }: AdapterServeFlags): Pick<ServeOptions, 'tls'> {
  if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined) return {}
  if (tlsCert === undefined || tlsKey === undefined)
    throw new CliError('CLI_BAD_OPTION', 'TLS needs both --tls-cert and --tls-key')
  const authorities = tlsClientCa === undefined ? {} : { clientAuthorities: tlsClientCa }
  return { tls: { certificate: tlsCert, privateKey: tlsKey, ...authorities } }
}
