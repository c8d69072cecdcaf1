import type { Server, ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js'
import { FrameReader } from '../protocol/reader.js'

/** The numbers of `grpc.health.v1.HealthCheckResponse.ServingStatus`. */
const servingStatus = { serving: 1, 'not-serving': 2, unknown: 3 } as const

/** Callers of `Watch` at once; one more is refused. */
const maxWatchers = 256

/** NOT_FOUND and RESOURCE_EXHAUSTED. */
const notFound = 5
const exhausted = 8

type Watch = ServerWritableStream<Buffer, Buffer>

/** `grpc.health.v1.Health` for the whole server and each of its services. */
export class HealthService {
  readonly #services: ReadonlySet<string>
  readonly #watchers = new Set<Watch>()
  #status: 'serving' | 'not-serving' = 'serving'

  /** @param services full names; the empty name, for the whole, is always known. */
  constructor(services: readonly string[]) {
    this.#services = new Set(['', ...services])
  }

  register(server: Server): void {
    const asIs = (bytes: Buffer) => bytes
    server.register(
      '/grpc.health.v1.Health/Check',
      (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
        const name = serviceOf(call.request)
        if (name !== undefined && this.#services.has(name)) callback(null, this.#response())
        else callback({ code: notFound, details: 'There is no such service here' })
      },
      asIs,
      asIs,
      'unary',
    )
    server.register(
      '/grpc.health.v1.Health/Watch',
      (call: Watch) => this.#watch(call),
      asIs,
      asIs,
      'serverStream',
    )
  }

  /** From now on the server says that it takes nothing new. */
  stopServing(): void {
    this.#status = 'not-serving'
    for (const watcher of this.#watchers) watcher.write(this.#response())
  }

  /** Ends the watching streams. */
  close(): void {
    for (const watcher of this.#watchers) watcher.end()
    this.#watchers.clear()
  }

  #watch(call: Watch): void {
    if (this.#watchers.size >= maxWatchers) {
      call.emit('error', { code: exhausted, details: 'Too many watchers' })
      return
    }
    const name = serviceOf(call.request)
    if (name === undefined || !this.#services.has(name)) {
      call.write(Buffer.from([0x08, servingStatus.unknown]))
      call.end()
      return
    }
    this.#watchers.add(call)
    call.on('cancelled', () => this.#watchers.delete(call))
    call.write(this.#response())
  }

  #response(): Buffer {
    return Buffer.from([0x08, servingStatus[this.#status]])
  }
}

/** The service that a `HealthCheckRequest` names; undefined when it cannot be read. */
function serviceOf(request: Buffer): string | undefined {
  try {
    const reader = new FrameReader(request)
    let name = ''
    while (reader.at < reader.length) {
      const key = reader.key()
      if (key === 10) name = reader.string()
      else reader.skip(key)
    }
    return name
  } catch {
    return undefined
  }
}
