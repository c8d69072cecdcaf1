/** What is taken back. Both undefined: everything. */
export interface Withdrawal {
  readonly handler: string | undefined
  readonly key: string | undefined
}

export const everything: Withdrawal = { handler: undefined, key: undefined }

/** A withdrawal as hosts tell each other. `host` tells a host's own from those of others. */
export function writeWithdrawal(host: string, { handler, key }: Withdrawal): string {
  return JSON.stringify({ host, handler: handler ?? null, key: key ?? null })
}

/** The reverse; undefined for a text that is none. */
export function readWithdrawal(message: string): (Withdrawal & { readonly host: string }) | undefined {
  try {
    const data: unknown = JSON.parse(message)
    if (typeof data !== 'object' || data === null) return undefined
    const { host, handler, key }: Record<string, unknown> = { ...data }
    if (typeof host !== 'string') return undefined
    if (handler !== null && typeof handler !== 'string') return undefined
    if (key !== null && typeof key !== 'string') return undefined
    return { host, handler: handler ?? undefined, key: key ?? undefined }
  } catch {
    return undefined
  }
}
