import { CliError } from './errors.js'

/** What the admin port answered. */
export interface AdminAnswer {
  readonly status: number
  readonly body: unknown
}

const timeoutMs = 5_000

/**
 * Asks a host's admin port.
 * @throws {CliError} `CLI_UNREACHABLE` when nobody answers there
 */
export async function askAdmin(address: string, method: 'GET' | 'POST', path: string): Promise<AdminAnswer> {
  const url = `${address.includes('://') ? address : `http://${address}`}${path}`
  try {
    const response = await fetch(url, { method, signal: AbortSignal.timeout(timeoutMs) })
    const text = await response.text()
    return { status: response.status, body: parsed(text) }
  } catch (cause) {
    throw new CliError(
      'CLI_UNREACHABLE',
      `No admin port answers at ${address}; is the host running, and is --admin its admin address?`,
      { cause },
    )
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
