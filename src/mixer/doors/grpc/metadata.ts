import type { Metadata, ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js'
import type { CancelHook, Clock } from '../../engine/ports.js'
import type { IncomingCall } from '../service.js'

type Call = ServerUnaryCall<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>

/** What a door may know of a grpc-js call. */
export class GrpcJsCall implements IncomingCall {
  readonly deadline: number
  readonly onCancel: CancelHook = { cancelled: undefined }
  readonly #call: Call
  readonly #metadata: Metadata

  constructor(call: Call, clock: Clock) {
    this.#call = call
    this.#metadata = call.metadata
    const deadline = Number(call.getDeadline())
    // The library counts from Date.now; the door's clock may be another one.
    this.deadline = deadline === Number.POSITIVE_INFINITY ? deadline : clock.now() + (deadline - Date.now())
  }

  get peer(): string {
    return this.#call.getPeer()
  }

  metadata(name: string): string | undefined {
    const value = this.#metadata.get(name)[0]
    return value === undefined ? undefined : String(value)
  }
}
