/** A key whose value is nobody's business, whatever it is called exactly. */
const secretKey =
  /token|secret|passw|passphrase|authori[sz]ation|credential|cookie|api[-_]?key|private[-_]?key/i

/** Secrets inside an ordinary text, and what is left of each: the value of an authorization header, */
const authorization = /\b(bearer|basic)\s+[\w.~+/=-]+/gi
/** the password in an address, with or without a user; it may itself hold any of `/:@`, so that it ends at the last `@`, */
const password = /(:\/\/[^\s/:@]*):\S+@/g
/** and a parameter with a telling name. */
const parameter =
  /([?&;][\w.-]{0,40}(?:token|secret|passw|credential|signature|api[-_]?key)[\w.-]{0,40}=)[^\s&;#"']+/gi

const maxDepth = 5
const maxItems = 50
/** Longest text in a line, in UTF-16 units; what is longer is cut and says so. */
const maxTextLength = 2_000

/** A value as JSON-like data that may stand in a log: no secrets, no bytes, nothing without end. */
export function printable(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
      return text(value)
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'boolean':
    case 'undefined':
      return value
    case 'bigint':
    case 'symbol':
      return String(value)
    case 'function':
      return '[function]'
    case 'object':
      return value === null ? null : structure(value, depth)
  }
}

function structure(value: object, depth: number): unknown {
  if (value instanceof Error) return problem(value, depth)
  if (value instanceof Uint8Array) return `[${value.length} bytes]`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString()
  if (depth >= maxDepth) return '[deeper]'
  if (value instanceof Map) return structure(Object.fromEntries(value), depth)
  if (value instanceof Set) return structure([...value], depth)
  if (Array.isArray(value)) {
    const items = value.slice(0, maxItems).map(item => printable(item, depth + 1))
    return value.length > maxItems ? [...items, `[${value.length - maxItems} more]`] : items
  }
  const entries = Object.entries(value).slice(0, maxItems)
  return Object.fromEntries(
    entries.map(([key, item]) => [key, secretKey.test(key) ? '[redacted]' : printable(item, depth + 1)]),
  )
}

function problem(error: Error, depth: number): unknown {
  const code = 'code' in error ? error.code : undefined
  return {
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: text(error.message),
    ...(error.cause === undefined || depth >= maxDepth ? {} : { cause: printable(error.cause, depth + 1) }),
  }
}

function text(value: string): string {
  const safe = value
    .slice(0, 2 * maxTextLength) // a secret must not lose its end, by which it is known
    .replace(authorization, '$1 [redacted]')
    .replace(password, '$1:[redacted]@')
    .replace(parameter, '$1[redacted]')
  return value.length > maxTextLength ? `${safe.slice(0, maxTextLength)}… (${value.length} characters)` : safe
}

/** The facts of a log line, safe to write. */
export function printableFacts(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const safe = structure(facts, 0)
  return typeof safe === 'object' && safe !== null ? { ...safe } : {}
}
