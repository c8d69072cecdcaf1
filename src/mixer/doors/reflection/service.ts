import { Code } from '@outboard/adapters-sdk'
import { Refusal, type Service, type StreamReceiver, type StreamSender } from '../service.js'
import { bytesType, WireReader } from '../wire/reader.js'
import { WireWriter } from '../wire/writer.js'
import type { FileDescriptor } from './descriptors.js'

/** Where each service is declared. */
const fileOfService: Readonly<Record<string, string>> = {
  'istio.mixer.v1.Mixer': 'mixer/v1/mixer.proto',
  'envoy.service.auth.v3.Authorization': 'envoy/service/auth/v3/external_auth.proto',
  'envoy.service.accesslog.v3.AccessLogService': 'envoy/service/accesslog/v3/als.proto',
  'grpc.health.v1.Health': 'grpc/health/v1/health.proto',
  'grpc.reflection.v1.ServerReflection': 'grpc/reflection/v1/reflection.proto',
}

/** Files with what they need, found by file name and by symbol. */
class Index {
  readonly #files: ReadonlyMap<string, FileDescriptor>
  readonly #fileOfSymbol = new Map<string, string>()

  constructor(files: ReadonlyMap<string, FileDescriptor>) {
    this.#files = files
    for (const file of files.values())
      for (const symbol of file.symbols) this.#fileOfSymbol.set(symbol, file.name)
  }

  bySymbol(symbol: string): readonly FileDescriptor[] {
    return this.byName(this.#fileOfSymbol.get(symbol) ?? '')
  }

  /** A file and everything that it imports, itself first; empty when there is no such file. */
  byName(name: string): readonly FileDescriptor[] {
    const found = new Map<string, FileDescriptor>()
    const pending = [name]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const file = this.#files.get(next)
      if (file === undefined || found.has(next)) continue
      found.set(next, file)
      pending.push(...file.dependencies)
    }
    return [...found.values()]
  }
}

/** Server reflection, in the two versions that tools ask for. Descriptors are made when they are first asked for. */
export function reflectionServices(services: readonly Service[]): readonly Service[] {
  const names = [...services.map(service => service.name), 'grpc.reflection.v1.ServerReflection']
  let index: Promise<Index> | undefined
  const load = () => {
    index ??= import('./descriptors.js')
      .then(({ describeFiles }) => describeFiles(names.flatMap(name => fileOfService[name] ?? [])))
      .then(files => new Index(files))
    return index
  }
  return ['v1', 'v1alpha'].map(version => {
    const name = `grpc.reflection.${version}.ServerReflection`
    return {
      name,
      methods: [
        {
          kind: 'stream',
          path: `/${name}/ServerReflectionInfo`,
          open: (_call, out) => new Session(out, load, names),
        },
      ],
    }
  })
}

/** One client's questions, answered in order. */
class Session implements StreamReceiver {
  readonly #out: StreamSender
  readonly #load: () => Promise<Index>
  readonly #names: readonly string[]
  #last: Promise<void> = Promise.resolve()
  #waiting = 0

  constructor(out: StreamSender, load: () => Promise<Index>, names: readonly string[]) {
    this.#out = out
    this.#load = load
    this.#names = names
  }

  message(message: Buffer): void {
    if (this.#waiting >= maxWaiting) {
      this.#out.end(new Refusal(Code.RESOURCE_EXHAUSTED, `more than ${maxWaiting} questions wait`))
      return
    }
    this.#waiting++
    this.#last = this.#last.then(async () => {
      this.#out.send(await this.#answer(message))
      this.#waiting--
    })
    this.#last.catch(() => this.#out.end(new Refusal(Code.INTERNAL, 'the descriptors could not be read')))
  }

  ended(): void {
    void this.#last.then(
      () => this.#out.end(),
      () => {},
    )
  }

  cancelled(): void {}

  draining(): void {
    this.ended()
  }

  async #answer(request: Buffer): Promise<Buffer> {
    const { field, text } = readRequest(request)
    const writer = new WireWriter()
    if (field === listServices) {
      const mark = writer.mark()
      for (const name of [...this.#names].reverse()) {
        const entry = writer.mark()
        writer.string(1, name)
        writer.nested(1, entry)
      }
      writer.nested(6, mark)
    } else {
      const index = await this.#load()
      const files = field === byFileName ? index.byName(text) : field === bySymbol ? index.bySymbol(text) : []
      if (files.length > 0) {
        const mark = writer.mark()
        for (const file of [...files].reverse()) writer.bytes(1, file.bytes)
        writer.nested(4, mark)
      } else {
        const mark = writer.mark()
        writer.string(2, `not found: ${text}`)
        writer.uint32(1, Code.NOT_FOUND)
        writer.nested(7, mark)
      }
    }
    writer.bytes(2, request)
    return writer.finish()
  }
}

/** Questions of one stream that wait; one more ends the stream. */
const maxWaiting = 100
const byFileName = 3
const bySymbol = 4
const listServices = 7

/** Which question it is, and its text. */
function readRequest(message: Buffer): { readonly field: number; readonly text: string } {
  const reader = new WireReader(message)
  let field = 0
  let text = ''
  while (reader.more()) {
    const tag = reader.tag()
    if ((tag & 7) === bytesType && tag >>> 3 >= byFileName) {
      field = tag >>> 3
      text = reader.string()
    } else reader.skip(tag)
  }
  return { field, text }
}
