import { Client, connectivityState, Metadata, status } from '@grpc/grpc-js'
import type { AdapterError } from '@outboard/adapters-sdk'
import { failure } from '../failure.js'
import { channelOptions } from '../security/channel-options.js'
import type { Dial } from '../security/hop-security.js'

const identity = (bytes: Buffer): Buffer => bytes

/** A channel to one place. It is connected once; when the connection goes, the channel is done. */
export class UnaryChannel {
  readonly client: Client

  constructor(target: string, dial: Dial, maxReceiveBytes: number) {
    this.client = new Client(target, dial.credentials, channelOptions(dial, maxReceiveBytes))
  }

  /** Resolves when connected. Rejects with the reason when the first attempt fails. */
  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const channel = this.client.getChannel()
        const state = channel.getConnectivityState(true)
        if (state === connectivityState.READY) resolve()
        else if (state === connectivityState.TRANSIENT_FAILURE) this.#reason().then(reject)
        else if (state === connectivityState.SHUTDOWN) reject(failure('ADAPTER_UNAVAILABLE', 'Given up'))
        else channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, look)
      }
      look()
    })
  }

  /** Calls back once, when the connection has gone (calls on it may still finish) or the channel was closed. */
  whenLost(callback: () => void): void {
    const channel = this.client.getChannel()
    const look = () => {
      if (channel.getConnectivityState(false) !== connectivityState.READY) callback()
      else channel.watchConnectivityState(connectivityState.READY, Number.POSITIVE_INFINITY, look)
    }
    look()
  }

  close(): void {
    this.client.close()
  }

  /** grpc-js says why it cannot connect only to a call that fails for it. */
  #reason(): Promise<AdapterError> {
    return new Promise(resolve => {
      this.client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        identity,
        identity,
        Buffer.alloc(0),
        new Metadata(),
        { deadline: Date.now() + 1_000 },
        error => {
          const why = error?.code === status.UNAVAILABLE ? error.details : 'the connection failed'
          resolve(failure('ADAPTER_UNAVAILABLE', `Cannot connect: ${why}`, error ?? undefined))
        },
      )
    })
  }
}
