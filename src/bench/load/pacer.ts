import { type MessagePort, Worker } from 'node:worker_threads'

/** Calls back in time to keep a schedule. */
export interface Pacer {
  /**
   * Calls `tick` at the times that the alarm is set to, or a little later; once for each. They are about `everyMs` apart.
   */
  start(everyMs: number, tick: () => void): Alarm
  close(): Promise<void>
}

export interface Alarm {
  /** The next time, as `performance.now()` tells it; it takes the place of the one before, and is not earlier. */
  set(atMs: number): void
  stop(): void
}

/** What both threads see. */
interface Shared {
  /**
   * The number of the run, odd while one is on; when a tick is due (0: the alarm has not been set yet), and the time between
   * two, in units since its start.
   */
  readonly state: Int32Array
  /** The start of the run in nanoseconds of the monotonic clock. */
  readonly start: BigInt64Array
}

/** A hundredth of a millisecond: 32 bits of them are six hours. */
const unitsPerMs = 100
/** The shortest sleep between two ticks, milliseconds: to be woken costs more than a call does. */
const finestMs = 0.25

/** Runs in the second thread, as text: it knows nothing but what it is given. */
function tickWhenDue({ state, start }: Shared, port: MessagePort): void {
  for (;;) {
    const run = Atomics.load(state, 0)
    if (run % 2 === 0) {
      Atomics.wait(state, 0, run)
      continue
    }
    let told = -1
    while (Atomics.load(state, 0) === run) {
      const due = Atomics.load(state, 1)
      const now = Number(process.hrtime.bigint() - (start[0] ?? 0n)) / 10_000
      if (due > 0 && due !== told && due <= now) {
        told = due
        port.postMessage(run)
      }
      // What was told is not told again; the alarm will next be set to about a step later, if it is not yet.
      const next = due === told || due === 0 ? Math.max(due, now) + Atomics.load(state, 2) : due
      Atomics.wait(state, 0, run, (next - now) / 100)
    }
  }
}

/** As text, so that the thread needs neither a file of its own nor what this process was started with. */
const threadSource = `const { parentPort, workerData } = require('node:worker_threads');
(${tickWhenDue.toString()})(workerData, parentPort)`

/**
 * Timers of the event loop know whole milliseconds only, and a loop that spins would take the CPU that the server needs. A
 * second thread that sleeps for parts of a millisecond wakes this one, unless an answer has done so already.
 */
export function threadPacer(): Pacer {
  const state = new Int32Array(new SharedArrayBuffer(12))
  const start = new BigInt64Array(new SharedArrayBuffer(8))
  const shared: Shared = { state, start }
  const worker = new Worker(threadSource, { eval: true, execArgv: [], workerData: shared })
  worker.unref()
  let tick: (() => void) | undefined
  worker.on('message', run => {
    // What was told of the run before is late.
    if (run === Atomics.load(state, 0)) tick?.()
  })
  const nextRun = () => {
    Atomics.add(state, 0, 1)
    Atomics.notify(state, 0)
  }
  return {
    start(everyMs, called) {
      const startedAt = performance.now()
      tick = called
      start[0] = process.hrtime.bigint()
      Atomics.store(state, 1, 0)
      Atomics.store(state, 2, Math.ceil(Math.max(everyMs, finestMs) * unitsPerMs))
      nextRun()
      return {
        set: atMs => void Atomics.store(state, 1, Math.max(1, Math.ceil((atMs - startedAt) * unitsPerMs))),
        stop() {
          tick = undefined
          nextRun()
        },
      }
    },
    async close() {
      await worker.terminate()
    },
  }
}
