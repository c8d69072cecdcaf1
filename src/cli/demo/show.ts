import type { ClientAnswer } from '@outboard/adapters-sdk/client'
import { askAdmin } from '../admin-client.js'
import { CliError } from '../errors.js'
import { readAttributeFile } from '../mixer-client/attribute-file.js'
import { MixerConnection, type RpcFailure } from '../mixer-client/client.js'
import { printCheck, verdictText } from '../mixer-client/print.js'

export interface ShowParts {
  /** The door. */
  readonly address: string
  readonly adminAddress: string
  /** Folder of the example requests. */
  readonly requests: string
  say(text: string): void
  wait(ms: number): Promise<void>
}

/** The quota in examples/config/rate.yaml. */
const limit = 5

/** Sends requests through the real door, as a proxy would, and says what they show. */
export async function show(parts: ShowParts): Promise<void> {
  const { address, say, requests } = parts
  const proxy = new MixerConnection({ address, tls: undefined, timeoutMs: 5_000, traceparent: undefined })
  try {
    const alice = readAttributeFile(`${requests}/alice.json`)
    const mallory = readAttributeFile(`${requests}/mallory.json`)
    say('\n1. alice asks for /cart. The list adapter knows her.\n')
    say(indented(printCheck(answered(await proxy.check({ attributes: alice, globalWordCount: 0 })))))
    say('\n2. mallory asks for /cart. The list adapter does not know him; a proxy answers 403.\n')
    say(indented(printCheck(answered(await proxy.check({ attributes: mallory, globalWordCount: 0 })))))
    say(`\n3. alice asks ${limit + 1} times more; each request is charged to a quota of ${limit} in 10 s.\n`)
    for (let i = 1; i <= limit + 1; i++) say(indented(await charged(proxy, alice, i)))
    say('\n4. The proxy reports a request that is over. The log adapter, inside the host, writes:\n\n')
    await reported(proxy, parts)
  } finally {
    proxy.close()
  }
}

async function charged(
  proxy: MixerConnection,
  attributes: ReturnType<typeof readAttributeFile>,
  i: number,
): Promise<string> {
  const quotas = [{ name: 'requestcount', amount: 1n, bestEffort: true }]
  const deduplicationId = `demo-${process.pid}-${Date.now()}-${i}`
  const answer = answered(await proxy.check({ attributes, quotas, deduplicationId, globalWordCount: 0 }))
  const granted = answer.quotas.get('requestcount')?.amount ?? 0n
  const meaning = granted > 0n ? 'the request passes' : 'nothing is left: a proxy answers 429'
  return `request ${i}: ${verdictText(answer)}, granted ${granted}: ${meaning}\n`
}

/** Longest wait for the log adapter's line. */
const deliveryMs = 5_000

async function reported(proxy: MixerConnection, { adminAddress, requests, wait }: ShowParts): Promise<void> {
  const failure = await proxy.report({
    sets: [readAttributeFile(`${requests}/reported.json`)],
    globalWordCount: 0,
  })
  if (failure !== undefined) answered(failure)
  for (let waited = 0; waited < deliveryMs; waited += 50) {
    const { body } = await askAdmin(adminAddress, 'GET', '/metrics')
    if (/^outboard_reports_delivered_total\{[^}]*\} [1-9]/m.test(String(body))) return
    await wait(50)
  }
  throw new CliError('CLI_NOT_READY', 'The report was taken, but the log adapter did not get it')
}

function answered(answer: ClientAnswer | RpcFailure): ClientAnswer {
  if ('rpcCode' in answer)
    throw new CliError(
      'CLI_UNREACHABLE',
      `The host did not answer: ${answer.rpcCodeName} (${answer.message})`,
    )
  return answer
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '   ')
}
