import { answerParent } from '../process/answering.js'
import type { Fields } from '../process/fields.js'
import { AnswerJudge } from '../requests/answer-judge.js'
import { type Api, apis, pathOf } from '../requests/answers.js'
import { type Prepared, prepare, readWorkload, type Workload } from '../requests/workload.js'
import { closedLoop, oneByOne } from './closed-loop.js'
import { GrpcJsClient } from './grpc-js-client.js'
import { Http2Client } from './http2-client.js'
import { openLoop, scheduleOf } from './open-loop.js'
import { type Pacer, threadPacer } from './pacer.js'
import { RawClient } from './raw-client.js'
import type { Operation, RunOutcome } from './run.js'
import {
  type ClientKind,
  type ClientOptions,
  clientKinds,
  framed,
  prefixBytes,
  type UnaryClient,
  type UnaryRequest,
} from './unary-client.js'

// The process that makes load. It is told what to do by the benchmark, one thing at a time.

interface Target {
  client: UnaryClient
  readonly operation: Operation
  /** Connects anew. */
  readonly reopen: () => Promise<UnaryClient>
}

const targets = new Map<number, Target>()
let lastTarget = 0
let lastPrepared: { readonly key: string; readonly requests: readonly Prepared[] } | undefined
let pacer: Pacer | undefined

/** Connects, and prepares the bytes of all requests. */
async function open(body: Fields): Promise<unknown> {
  const api = apis.find(known => known === body.text('api'))
  if (api === undefined) throw new TypeError(`there is no API "${body.text('api')}"`)
  const kind = clientKinds.find(known => known === body.text('client')) ?? 'raw'
  const isAnyRight = body.text('verdict') === 'any'
  const options = {
    address: body.text('address'),
    path: pathOf[api],
    connections: body.number('connections'),
  }
  const judge = new AnswerJudge(api)
  const prepared = preparedFor(api, readWorkload(body.unknown('workload')))
  const requests = prepared.map(
    ({ message, expected }): UnaryRequest => ({
      // grpc-js adds the prefix itself.
      message: kind === 'grpc-js' ? message : framed(message),
      problemOf: (bytes, start, end) =>
        judge.problemOf(message, bytes, start, end, isAnyRight ? undefined : expected),
    }),
  )
  const reopen = () => openClient(kind, options)
  let next = 0
  const operation: Operation = (lane, done) => {
    const request = requests[next]
    if (request === undefined) throw new RangeError('there is no request to send')
    next = next + 1 === requests.length ? 0 : next + 1
    target.client.call(lane % target.client.connections, request, done)
  }
  const target: Target = { client: await reopen(), operation, reopen }
  targets.set(++lastTarget, target)
  return {
    target: lastTarget,
    bytes: prepared.reduce((sum, { message }) => sum + prefixBytes + message.length, 0) / prepared.length,
  }
}

/**
 * The requests of most targets are the same. Only the last ones are kept: those of a full cache are a hundred thousand.
 */
function preparedFor(api: Api, workload: Workload): readonly Prepared[] {
  const key = JSON.stringify([api, workload])
  if (lastPrepared?.key !== key) lastPrepared = { key, requests: prepare(api, workload) }
  return lastPrepared.requests
}

function openClient(kind: ClientKind, options: ClientOptions): Promise<UnaryClient> {
  switch (kind) {
    case 'raw':
      return RawClient.open(options)
    case 'http2':
      return Http2Client.open(options)
    case 'grpc-js':
      return GrpcJsClient.open(options)
  }
}

function targetOf(body: Fields): Target {
  const target = targets.get(body.number('target'))
  if (target === undefined) throw new RangeError(`there is no target ${body.number('target')}`)
  return target
}

/** Calls that a run has left behind would be answered in the midst of the next one: it gets connections of its own. */
async function renewed(target: Target, outcome: RunOutcome): Promise<RunOutcome> {
  if (outcome.givenUp !== undefined) {
    target.client.abandon()
    // Where nobody answers any more, the calls of the next run fail, and say why.
    target.client = await target.reopen().catch(() => target.client)
  }
  return outcome
}

answerParent({
  open,
  async closed(body) {
    const target = targetOf(body)
    const { operation } = target
    const maxCalls = body.maybeNumber('maxCalls')
    return renewed(target, await closedLoop(operation, body.number('depth'), body.number('ms'), maxCalls))
  },
  async open_loop(body) {
    pacer ??= threadPacer()
    const target = targetOf(body)
    return renewed(target, await openLoop(target.operation, scheduleOf(body), pacer))
  },
  async one_by_one(body) {
    return oneByOne(targetOf(body).operation, body.number('count'))
  },
  async close(body) {
    const target = targetOf(body)
    targets.delete(body.number('target'))
    await target.client.close()
  },
})
