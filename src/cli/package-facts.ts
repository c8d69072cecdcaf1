import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What runs, as the package says. */
export function packageVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve('#package')), 'utf8'))
  const version =
    typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined
  return typeof version === 'string' ? version : 'unknown'
}
