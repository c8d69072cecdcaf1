import { Client, type ClientDuplexStream, type Metadata, type ServiceError, status } from '@grpc/grpc-js'
import type { AdapterError } from '@outboard/adapters-sdk'
import { sessionMethodPath } from '@outboard/adapters-sdk/protocol'
import { failure } from '../failure.js'
import { channelOptions } from '../security/channel-options.js'
import type { Dial } from '../security/hop-security.js'
import { type FramePipe, lastFrameMs, type PipeEvents } from './frame-pipe.js'

/** The adapter has no session service: it may speak Istio's unary services. */
export class NoSessionService extends Error {
  override readonly name = 'NoSessionService'
}

const identity = (bytes: Buffer): Buffer => bytes

/** One gRPC stream of frames. The bytes are nobody's business here. */
export class StreamPipe implements FramePipe {
  readonly carrier = 'gRPC stream'
  readonly #client: Client
  readonly #stream: ClientDuplexStream<Buffer, Buffer>
  #open = true
  #queuedBytes = 0

  constructor(target: string, dial: Dial, maxFrameBytes: number, metadata: Metadata, events: PipeEvents) {
    this.#client = new Client(target, dial.credentials, channelOptions(dial, maxFrameBytes))
    this.#stream = this.#client.makeBidiStreamRequest(sessionMethodPath, identity, identity, metadata)
    this.#stream.on('data', (bytes: Buffer) => {
      if (this.#open) events.frame(bytes)
    })
    this.#stream.on('drain', () => events.writable())
    this.#stream.on('error', (error: ServiceError) => this.#ended(errorOf(error), events))
    this.#stream.on('end', () =>
      this.#ended(failure('ADAPTER_UNAVAILABLE', 'The adapter ended the session'), events),
    )
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  write(frame: Buffer): boolean {
    if (!this.#open) return false
    // The stream itself counts messages, not bytes.
    this.#queuedBytes += frame.length
    return this.#stream.write(frame, () => {
      this.#queuedBytes -= frame.length
    })
  }

  shut(lastFrame: Buffer): void {
    if (!this.#open) return
    this.#open = false
    this.#stream.write(lastFrame)
    this.#stream.end()
    this.#stream.pause() // whatever still comes stays with its sender
    // Real time on purpose: this is about the kernel's buffers, and nobody waits for it.
    setTimeout(() => this.#letGo(), lastFrameMs).unref()
  }

  #ended(error: AdapterError, events: PipeEvents): void {
    if (!this.#open) return
    this.#open = false
    this.#letGo()
    events.ended(error)
  }

  #letGo(): void {
    this.#stream.cancel()
    this.#client.close()
  }
}

function errorOf(error: ServiceError): AdapterError {
  switch (error.code) {
    case status.UNIMPLEMENTED:
      return failure('ADAPTER_PROTOCOL', 'The adapter has no session service', new NoSessionService())
    case status.RESOURCE_EXHAUSTED:
      return failure('ADAPTER_PROTOCOL', `The session broke: ${error.details}`, error)
    default:
      return failure('ADAPTER_UNAVAILABLE', `The session broke: ${error.details}`, error)
  }
}
