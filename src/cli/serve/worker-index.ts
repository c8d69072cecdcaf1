import type { Shell } from '../shell.js'

/** Tells a worker which one it is, from 0. */
export const indexVariable = 'OUTBOARD_WORKER'

/** Which of several processes this is, from 0; 0 also when it is the only one. */
export function workerIndex(env: Shell['env']): number {
  return Number(env[indexVariable] ?? 0)
}
