import { randomUUID } from 'node:crypto'
import type { ClientAnswer, ClientCheck } from '@outboard/adapters-sdk/client'
import { visible } from '../../mixer/telemetry/visible.js'
import { CliError } from '../errors.js'
import { Exit, type ExitCode } from '../exit.js'
import type { Shell } from '../shell.js'
import { MixerConnection, type RpcFailure } from './client.js'
import { drive, realClock } from './drive.js'
import { type CallFlags, resolveCall } from './flags.js'
import { parseList } from './parse.js'
import { checkJson, printCheck, verdictText } from './print.js'
import { Tally } from './tally.js'

export interface CheckFlags extends CallFlags {
  readonly quotas?: readonly string[]
  readonly allOrNothing?: boolean
  readonly deduplicationId?: string
}

/** `outboard check`. The worst of all answers gives the exit code. */
export async function runCheck(shell: Shell, flags: CheckFlags): Promise<ExitCode> {
  const { client, sets, repeat, concurrency, ratePerSecond, json } = resolveCall(flags)
  const quotas = quotasOf(flags)
  const idPrefix = randomUUID()
  const connection = new MixerConnection(client)
  const tally = new Tally()
  const single = repeat * concurrency === 1
  const codes = new Set<ExitCode>()
  const began = realClock.now()
  try {
    await drive({ repeat, concurrency, ratePerSecond }, realClock, async index => {
      const attributes = sets[index % sets.length] ?? {}
      const deduplicationId = flags.deduplicationId ?? `${idPrefix}-${index}`
      const startedAt = realClock.now()
      const answer = await connection.check({ attributes, deduplicationId, quotas, globalWordCount: 0 })
      tally.add(outcomeOf(answer), realClock.now() - startedAt)
      codes.add(exitOf(answer))
      if (json)
        shell.out(`${JSON.stringify('rpcCode' in answer ? { rpcError: answer } : checkJson(answer))}\n`)
      else if (single) printOne(shell, client.address, answer)
    })
  } finally {
    connection.close()
  }
  if (!single && !json) shell.out(tally.print(realClock.now() - began))
  const worst = [Exit.failed, Exit.denied, Exit.exhausted].find(code => codes.has(code))
  return worst ?? Exit.done
}

function quotasOf({ quotas = [], allOrNothing }: CheckFlags): NonNullable<ClientCheck['quotas']> {
  const asked = new Map<string, { name: string; amount: bigint; bestEffort: boolean }>()
  for (const list of quotas)
    for (const [name, text] of parseList(list)) {
      if (!/^-?\d{1,18}$/.test(text))
        throw new CliError(
          'CLI_BAD_OPTION',
          `Cannot ask quota "${name}" for "${text}": wanted a whole number`,
        )
      asked.set(name, { name, amount: BigInt(text), bestEffort: allOrNothing !== true })
    }
  return [...asked.values()]
}

function printOne(shell: Shell, address: string, answer: ClientAnswer | RpcFailure): void {
  if ('rpcCode' in answer)
    shell.err(`outboard: no answer from ${address}: ${answer.rpcCodeName} (${visible(answer.message)})\n`)
  else shell.out(printCheck(answer))
}

function outcomeOf(answer: ClientAnswer | RpcFailure): string {
  if ('rpcCode' in answer) return `RPC ${answer.rpcCodeName} (${visible(answer.message)})`
  const spent = [...answer.quotas].filter(([, quota]) => quota.amount <= 0n).map(([name]) => name)
  const verdict = verdictText(answer)
  return spent.length === 0 ? verdict : `${verdict}, exhausted: ${visible(spent.join(', '))}`
}

function exitOf(answer: ClientAnswer | RpcFailure): ExitCode {
  if ('rpcCode' in answer) return Exit.failed
  // An answer without a verdict is a denial to a proxy, too.
  if (answer.precondition?.code !== 0) return Exit.denied
  return [...answer.quotas.values()].some(quota => quota.amount <= 0n) ? Exit.exhausted : Exit.done
}
