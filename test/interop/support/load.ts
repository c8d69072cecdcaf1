/** How often each status came. */
export type Tally = Readonly<Record<number, number>>

/** Sends so many requests, so many at a time, and counts the statuses. `during` is called once, after a third. */
export async function load(
  urls: readonly string[],
  { count, atOnce, headers = {} }: LoadOptions,
  during?: () => void,
): Promise<Tally> {
  const tally: Record<number, number> = {}
  let sent = 0
  let done = 0
  const worker = async () => {
    while (sent < count) {
      const response = await fetch(urls[sent++ % urls.length] ?? '', { headers })
      await response.arrayBuffer()
      tally[response.status] = (tally[response.status] ?? 0) + 1
      if (++done === Math.ceil(count / 3)) during?.()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return tally
}

export interface LoadOptions {
  readonly count: number
  readonly atOnce: number
  readonly headers?: Readonly<Record<string, string>>
}

/** `200: 80, 403: 20`. */
export function shown(tally: Tally): string {
  return Object.entries(tally)
    .map(([status, times]) => `${status}: ${times}`)
    .join(', ')
}
