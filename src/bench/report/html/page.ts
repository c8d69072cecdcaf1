import type { Result } from '../../rounds/result.js'

export function htmlPage(result: Result): string {
  return result.command
}
