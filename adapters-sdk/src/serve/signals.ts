/** What signals do to a server. */
export interface Stoppable {
  drain(reason?: string): Promise<void>
  close(): Promise<void>
}

/**
 * The first signal drains, the second closes at once.
 * @returns stops listening.
 */
export function onSignals(signals: readonly NodeJS.Signals[], served: Stoppable): () => void {
  let seen = 0
  const listener = (signal: NodeJS.Signals): void => {
    seen++
    void (seen === 1 ? served.drain(`Signal ${signal}`) : served.close())
  }
  for (const signal of signals) process.on(signal, listener)
  return () => {
    for (const signal of signals) process.off(signal, listener)
  }
}
