import { type MessagePort, Worker } from 'node:worker_threads'

/** Calls back often enough to keep a schedule. */
export interface Pacer {
  /** Calls `tick` at once or a little after each multiple of `everyMs` from now on, until the answer is called. */
  start(everyMs: number, tick: () => void): () => void
  close(): Promise<void>
}

/** What both threads see: 1 while ticks are wanted, then the start and the step in nanoseconds of the monotonic clock. */
interface Shared {
  readonly wanted: Int32Array
  readonly times: BigInt64Array
}

/** Runs in the second thread. */
function tickRegularly({ wanted, times }: Shared, port: MessagePort): void {
  for (;;) {
    Atomics.wait(wanted, 0, 0)
    const [start = 0n, step = 1n] = times
    while (Atomics.load(wanted, 0) === 1) {
      const now = process.hrtime.bigint()
      const next = start + ((now - start) / step + 1n) * step
      // Ends sooner when ticks are no longer wanted.
      Atomics.wait(wanted, 0, 1, Number(next - now) / 1e6)
      port.postMessage(0)
    }
  }
}

/** As text, so that the thread needs neither a file of its own nor what this process was started with. */
const threadSource = `const { parentPort, workerData } = require('node:worker_threads');
(${tickRegularly.toString()})(workerData, parentPort)`

/**
 * Timers of the event loop know whole milliseconds only, and a loop that spins would take the CPU that the server needs. A
 * second thread that sleeps for parts of a millisecond wakes this one.
 */
export function threadPacer(): Pacer {
  const shared: Shared = {
    wanted: new Int32Array(new SharedArrayBuffer(4)),
    times: new BigInt64Array(new SharedArrayBuffer(16)),
  }
  const worker = new Worker(threadSource, { eval: true, execArgv: [], workerData: shared })
  worker.unref()
  let tick: (() => void) | undefined
  worker.on('message', () => tick?.())
  const want = (wanted: 0 | 1) => {
    Atomics.store(shared.wanted, 0, wanted)
    Atomics.notify(shared.wanted, 0)
  }
  return {
    start(everyMs, called) {
      tick = called
      shared.times[0] = process.hrtime.bigint()
      shared.times[1] = BigInt(Math.max(1_000, Math.round(everyMs * 1e6)))
      want(1)
      return () => {
        tick = undefined
        want(0)
      }
    },
    async close() {
      await worker.terminate()
    },
  }
}
