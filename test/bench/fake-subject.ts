import { closedLoop, oneByOne } from '../../src/bench/load/closed-loop.js'
import { openLoop } from '../../src/bench/load/open-loop.js'
import type { Pacer } from '../../src/bench/load/pacer.js'
import type { Operation } from '../../src/bench/load/run.js'
import type { Planned } from '../../src/bench/rounds/interleave.js'
import type { Subject } from '../../src/bench/rounds/measure.js'

/** A pacer that ticks whenever the event loop turns. */
export const eager: Pacer = {
  start(_, tick) {
    const timer = setInterval(tick, 1)
    return { set: () => {}, stop: () => clearInterval(timer) }
  },
  close: async () => {},
}

/** A subject in this process, under the loops that measure any other. */
export function fakeSubject(operation: Operation): Subject {
  return {
    load: {
      run: (shape, ms, settleMs = 0) =>
        shape.kind === 'closed'
          ? closedLoop(operation, shape.depth, ms)
          : openLoop(operation, { perSecond: shape.perSecond, ms, settleMs }, eager),
      oneByOne: async count => (await oneByOne(operation, count)).us,
    },
    host: undefined,
    adapters: [],
    generator: undefined,
    perCall: 1,
  }
}

/** A row of such a subject. */
export function planned(id: string, subject: Subject, shape: Planned['shape'], reference?: string): Planned {
  return { id, name: id, setting: 'fake', shape, reference, subject, cold: undefined }
}
