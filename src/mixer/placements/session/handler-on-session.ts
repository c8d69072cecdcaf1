import type { AdapterError } from '@outboard/adapters-sdk'
import type { HandlerRef } from '@outboard/adapters-sdk/protocol'
import type { CallCapacity } from '../calls/encoded.js'
import type { RemoteCall } from '../calls/remote-call.js'
import { failure } from '../failure.js'
import type { HandlerOnLink } from '../link.js'
import type { CallLane } from './call-lane.js'

/** What a handler needs of its session besides the lane. */
export interface SessionDoor {
  /** Why nothing can be sent now; undefined: it can. */
  refusal(): AdapterError | undefined
  close(): void
  /** Whether the adapter has the feature `invalidate`. */
  readonly withdraws: boolean
}

/** A handler that the adapter took on one session: a call costs two numbers and its place in the batch. */
export class HandlerOnSession implements HandlerOnLink {
  readonly capacity: CallCapacity
  readonly withdraws: boolean
  readonly #handler: number
  readonly #generation: number
  readonly #templates: ReadonlyMap<string, number>
  readonly #lane: CallLane
  readonly #door: SessionDoor

  constructor(ref: HandlerRef, templates: ReadonlyMap<string, number>, lane: CallLane, door: SessionDoor) {
    this.#handler = ref.handler
    this.#generation = ref.generation
    this.#templates = templates
    this.#lane = lane
    this.capacity = lane.capacity
    this.#door = door
    this.withdraws = door.withdraws
  }

  send(call: RemoteCall): void {
    const refusal = this.#door.refusal()
    if (refusal !== undefined) {
      call.unanswered(refusal, false)
      return
    }
    const name = call.question.template.name
    const template = this.#templates.get(name)
    if (template === undefined) {
      call.fail(failure('ADAPTER_UNCONFIGURED', `The adapter does not serve template "${name}"`))
      return
    }
    call.handler = this.#handler
    call.generation = this.#generation
    call.template = template
    this.#lane.send(call)
  }

  cancel(call: RemoteCall): void {
    this.#lane.cancel(call)
  }

  close(): void {
    this.#door.close()
  }
}
