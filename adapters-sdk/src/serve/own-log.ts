import { AdapterError } from '../errors.js'
import type { Clock } from '../session/clock.js'
import { LogRate } from '../session/log-rate.js'

/** Lines of the server's own log in a second. */
const linesPerSecond = 50
/** Of those, what handlers threw: with its stack each is many lines. */
const crashesPerSecond = 5
/** Lines of a stack that are written. */
const stackLines = 12

/** Lines beyond the rate are held back and counted, so that a misbehaving host cannot fill a disk. */
export function limited(log: (line: string) => void, clock: Clock, perSecond = linesPerSecond) {
  const rate = new LogRate(perSecond, () => clock.now())
  return (line: string): void => {
    const dropped = rate.pass()
    if (dropped !== undefined) log(dropped === 0 ? line : `${line} (${dropped} lines were left out before)`)
  }
}

/** Writes what a handler threw, with its stack. What it threw on purpose, to say why it cannot answer, is no crash. */
export function crashLog(log: (line: string) => void, clock: Clock): (thrown: unknown) => void {
  const write = limited(log, clock, crashesPerSecond)
  return thrown => {
    if (!(thrown instanceof AdapterError)) write(stackOf(thrown))
    else if (thrown.code === 'ADAPTER_CRASHED') {
      write(thrown.cause === undefined ? thrown.message : `${thrown.message}\n${stackOf(thrown.cause)}`)
    }
  }
}

function stackOf(thrown: unknown): string {
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return text.split('\n', stackLines).join('\n')
}
