import { Server, ServerCredentials } from '@grpc/grpc-js'
import { type AttributeBag, Vocabulary } from '../../mixer/attributes/index.js'
import { parseAddress } from '../../mixer/doors/address.js'
import { GrpcJsServer } from '../../mixer/doors/grpc/server.js'
import { Http2Server } from '../../mixer/doors/http2/server.js'
import { mixerService } from '../../mixer/doors/mixer/service.js'
import type { Service } from '../../mixer/doors/service.js'
import type { CheckAnswer, Engine, Pinned } from '../../mixer/engine/api.js'
import type { Clock } from '../../mixer/engine/ports.js'
import { silent } from '../../mixer/telemetry/index.js'
import { declarations } from './request.js'

/** One of the servers that `main` compares; it tells its port, and then its CPU time whenever it is asked. */
export type Contender = 'bare' | 'grpc-js-echo' | 'http2-echo' | 'grpc-js-mixer' | 'http2-mixer'

const path = '/istio.mixer.v1.Mixer/Check'
const clock: Clock = {
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs).unref()
    return () => clearTimeout(timer)
  },
}
const limits = {
  maxMessageBytes: 1_048_576,
  maxConcurrentStreams: 1_024,
  maxConnections: 1_000,
  messageTimeoutMs: 30_000,
  maxPartialBytes: 134_217_728,
  maxConnectionPartialBytes: 33_554_432,
  keepaliveMs: 60_000,
  keepaliveTimeoutMs: 20_000,
}

/** An engine that looks at five attributes and allows: what is left is the door. */
function engine(): Engine {
  const vocabulary = new Vocabulary(declarations)
  const slot = (name: string) => vocabulary.slot(name) ?? -1
  const read = ['context.reporter.kind', 'destination.namespace', 'request.method', 'source.user'].map(slot)
  const headers = slot('request.headers')
  const check = async (bag: AttributeBag): Promise<CheckAnswer> => {
    for (const one of read) bag.read(one)
    bag.readKey(headers, 'x-user')
    return {
      kind: 'decided',
      code: 0,
      message: '',
      validForMs: 60_000,
      validUses: 10_000,
      references: bag.references,
      directive: undefined,
      metadata: {},
      quotas: [],
      fromCache: false,
    }
  }
  const pinned: Pinned = {
    vocabulary,
    snapshotId: 0,
    addApiAttributes: () => {},
    quotaCharges: () => new Map(),
    check,
    report: async () => ({ kind: 'taken' }),
  }
  return { pin: () => pinned }
}

const echo: Service = {
  name: 'echo',
  methods: [{ kind: 'unary', path, answer: message => message }],
}

async function listen(contender: Contender): Promise<number> {
  if (contender === 'bare') {
    const server = new Server()
    const asIs = (bytes: Buffer) => bytes
    server.register<Buffer, Buffer>(
      path,
      (call: { request: Buffer }, callback: (error: null, answer: Buffer) => void) =>
        callback(null, call.request),
      asIs,
      asIs,
      'unary',
    )
    return new Promise((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      )
    })
  }
  const service = contender.endsWith('echo')
    ? echo
    : mixerService({ engine: engine(), telemetry: silent, clock })
  const setup = {
    address: parseAddress('127.0.0.1:0'),
    services: [service],
    limits,
    tls: undefined,
    telemetry: silent,
    clock,
  }
  const server = contender.startsWith('grpc-js') ? new GrpcJsServer(setup) : new Http2Server(setup)
  const bound = await server.listen()
  return bound.kind === 'tcp' ? bound.port : 0
}

/** The names on the command line are those of `Contender`; `main` gives no others. */
const port = await listen(process.argv[2] as Contender)
process.send?.({ port })
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }))
process.on('disconnect', () => process.exit())
