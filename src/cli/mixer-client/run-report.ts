import { visible } from '../../mixer/telemetry/visible.js'
import { Exit, type ExitCode } from '../exit.js'
import { wholeNumber } from '../numbers.js'
import type { Shell } from '../shell.js'
import { MixerConnection } from './client.js'
import { drive, realClock } from './drive.js'
import { type CallFlags, resolveCall } from './flags.js'
import { Tally } from './tally.js'

export interface ReportFlags extends CallFlags {
  readonly reportBatchSize: string
}

/** `outboard report`: `repeat` attribute sets for each worker, in batches; the workers share them all. */
export async function runReport(shell: Shell, flags: ReportFlags): Promise<ExitCode> {
  const { client, sets, repeat, concurrency, ratePerSecond, json } = resolveCall(flags)
  const batchSize = wholeNumber('--report-batch-size', flags.reportBatchSize, 1, 10_000)
  const connection = new MixerConnection(client)
  const tally = new Tally()
  const perWorker = Math.max(repeat, sets.length)
  const batches = Math.ceil(perWorker / batchSize)
  const single = batches * concurrency === 1
  let failed = 0
  const began = realClock.now()
  try {
    await drive({ repeat: batches, concurrency, ratePerSecond }, realClock, async index => {
      const first = (index % batches) * batchSize
      const size = Math.min(batchSize, perWorker - first)
      const batch = Array.from({ length: size }, (_, i) => sets[(first + i) % sets.length] ?? {})
      const startedAt = realClock.now()
      const failure = await connection.report({ sets: batch, globalWordCount: 0 })
      const outcome = failure === undefined ? 'OK' : `${failure.rpcCodeName} (${visible(failure.message)})`
      tally.add(outcome, realClock.now() - startedAt)
      if (failure !== undefined) failed++
      if (json) shell.out(`${JSON.stringify({ sets: size, rpcError: failure ?? null })}\n`)
      else if (failure !== undefined && single)
        shell.err(`outboard: ${client.address} did not take the report: ${outcome}\n`)
      else if (single) shell.out(`Report: OK (${size} attribute ${size === 1 ? 'set' : 'sets'} taken)\n`)
    })
  } finally {
    connection.close()
  }
  if (!single && !json) shell.out(tally.print(realClock.now() - began))
  return failed > 0 ? Exit.failed : Exit.done
}
