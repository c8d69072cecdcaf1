import type { Timers } from '../timers.js'

/** Where a list comes from and what is put up with. */
export interface ProviderOptions {
  /** `http` or `https`. A user and password in it are sent as basic authentication. */
  readonly url: URL
  /** Longest wait for the whole answer, in milliseconds. */
  readonly timeoutMs: number
  /** Largest answer accepted, in bytes. */
  readonly maxBytes: number
}

/** A list could not be fetched. The message names the provider without credentials or query. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly code = 'LIST_FETCH_FAILED'
}

/** The provider as it may be shown: its user, password and query may be secrets. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`
}

/**
 * Fetches the provider's answer with a plain GET; redirects are followed, anything but status 200 is an error. Unlike
 * upstream there are a timeout and a largest size, and the connection is given back.
 * @throws {ProviderError} when the answer is late, too large, not 200, or did not come; or when `closed` aborts.
 */
export async function fetchList(
  options: ProviderOptions,
  timers: Timers,
  closed: AbortSignal,
): Promise<string> {
  const timeout = new AbortController()
  const cancelTimeout = timers.after(options.timeoutMs, () => {
    timeout.abort(new ProviderError(`no complete answer within ${options.timeoutMs} ms`))
  })
  const signal = AbortSignal.any([timeout.signal, closed])
  try {
    const response = await fetch(withoutCredentials(options.url), {
      headers: { accept: '*/*', ...authorization(options.url) },
      signal,
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new ProviderError(`answered with HTTP status ${response.status}, expected 200`)
    }
    return await boundedText(response, options.maxBytes)
  } catch (cause) {
    throw new ProviderError(`Cannot fetch the list from ${shownUrl(options.url)}: ${reasonOf(cause)}`, {
      cause,
    })
  } finally {
    cancelTimeout()
  }
}

async function boundedText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  if (response.body === null) return ''
  // Leaving the loop early cancels the body, and with it the transfer.
  for await (const chunk of response.body) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw new ProviderError(`the answer is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function withoutCredentials(url: URL): URL {
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  return bare
}

function authorization(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {}
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}

/** `fetch` says only "fetch failed"; what happened is its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.message === 'fetch failed'
    ? error.cause.message
    : error.message
}
