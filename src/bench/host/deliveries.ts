import type { AdapterError } from '@outboard/adapters-sdk'
import type { PlacedHandler, Placement } from '../../mixer/engine/ports.js'

/** Tells when a report has reached its adapter: the engine itself only says that it was taken into a queue. */
export class Deliveries {
  #delivered: ((error: AdapterError | undefined) => void) | undefined

  /** Resolves with the next delivery. One at a time. */
  next(): Promise<AdapterError | undefined> {
    return new Promise(resolve => {
      this.#delivered = resolve
    })
  }

  /** The same placement, heard by this. */
  watch = (placement: Placement): Placement => ({
    name: placement.name,
    open: async (spec, host) => {
      const opened = await placement.open(spec, host)
      return opened.kind === 'opened' ? { ...opened, handler: this.#heard(opened.handler) } : opened
    },
  })

  #heard(handler: PlacedHandler): PlacedHandler {
    return {
      form: handler.form,
      check: (question, asking) => handler.check(question, asking),
      quota: (question, request, asking) => handler.quota(question, request, asking),
      produce: (question, asking) => handler.produce(question, asking),
      status: () => handler.status(),
      close: graceMs => handler.close(graceMs),
      report: async (questions, asking) => {
        const error = await handler.report(questions, asking)
        this.#delivered?.(error)
        return error
      },
    }
  }
}
