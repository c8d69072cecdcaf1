import { type MessagePort, Worker } from 'node:worker_threads'

/** Calls back often enough to keep a schedule. */
export interface Pacer {
  /** Calls `tick` about every `everyMs` until the answer is called. */
  start(everyMs: number, tick: () => void): () => void
  close(): Promise<void>
}

/** Runs in the second thread: 1 at `shared[0]` while it is wanted, the time between two calls in µs at `shared[1]`. */
function wakeRegularly(shared: Int32Array, port: MessagePort): void {
  // Waiting for something that never comes is a sleep finer than a timer's.
  const never = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    Atomics.wait(shared, 0, 0)
    Atomics.wait(never, 0, 0, Atomics.load(shared, 1) / 1_000)
    if (Atomics.load(shared, 0) === 1) port.postMessage(0)
  }
}

/** As text, so that the thread needs neither a file of its own nor what this process was started with. */
const threadSource = `const { parentPort, workerData } = require('node:worker_threads');
(${wakeRegularly.toString()})(workerData, parentPort)`

/**
 * Timers of the event loop know whole milliseconds only, and a loop that spins would take the CPU that the server needs. A
 * second thread that sleeps for parts of a millisecond wakes this one.
 */
export function threadPacer(): Pacer {
  const shared = new Int32Array(new SharedArrayBuffer(8))
  const worker = new Worker(threadSource, { eval: true, execArgv: [], workerData: shared })
  worker.unref()
  let tick: (() => void) | undefined
  worker.on('message', () => tick?.())
  return {
    start(everyMs, called) {
      tick = called
      Atomics.store(shared, 1, Math.max(1, Math.round(everyMs * 1_000)))
      Atomics.store(shared, 0, 1)
      Atomics.notify(shared, 0)
      return () => {
        tick = undefined
        Atomics.store(shared, 0, 0)
      }
    },
    async close() {
      await worker.terminate()
    },
  }
}
