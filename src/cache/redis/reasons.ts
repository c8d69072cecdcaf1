import type { RedisTierOptions } from './options.js'

/** The reason that says nothing more. */
export const closed = 'connection closed'

/** Longest reason, characters; what is more is cut off. */
const maxLength = 200

/**
 * Why Redis cannot be used, for people: a code of the system (`ECONNREFUSED`) or what Redis said. Never with the password
 * in it, and the same for the same cause, however often it is met.
 */
export function reasonsOf(servers: RedisTierOptions['servers']): (cause: unknown) => string {
  const secrets = secretsOf(servers)
  return cause => {
    let text = textOf(cause)
    for (const secret of secrets) text = text.replaceAll(secret, '***')
    return text.slice(0, maxLength)
  }
}

function textOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  // A cluster's own error says only that no node answered.
  if ('lastNodeError' in cause && cause.lastNodeError instanceof Error) return textOf(cause.lastNodeError)
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  if (cause.message === 'Connection is closed.') return closed
  return (
    cause.message
      // The pause grows from attempt to attempt.
      .replace(/ Retrying from scratch after \d+ms\./, '')
      // Redis repeats the arguments of a command that it does not know; of AUTH they are the password.
      .replace(/,? with args beginning with:.*/s, '')
  )
}

function secretsOf(servers: RedisTierOptions['servers']): string[] {
  if (servers.kind !== 'single') return servers.password ? [servers.password] : []
  if (!URL.canParse(servers.url)) return []
  const { password, searchParams } = new URL(servers.url)
  const written = [password, searchParams.get('password') ?? '']
  return [...written.map(decoded), ...written].filter(secret => secret !== '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
