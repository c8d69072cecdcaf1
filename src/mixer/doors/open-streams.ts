import type { StreamReceiver } from './service.js'

/** The streams of one server that are open, so that they can be told of its end. */
export class OpenStreams {
  readonly #open = new Set<StreamReceiver>()
  #draining = false

  add(stream: StreamReceiver): void {
    this.#open.add(stream)
    if (this.#draining) stream.draining()
  }

  delete(stream: StreamReceiver): void {
    this.#open.delete(stream)
  }

  drain(): void {
    this.#draining = true
    for (const stream of [...this.#open]) stream.draining()
  }
}
