import { Child, sibling } from '../process/child.js'
import { jsonOf, type Listening, whenStarted } from '../process/outboard.js'

/** Starts the echo server. */
export function startEcho(): Promise<Listening> {
  const child = new Child({ name: 'echo server', script: sibling('./main', import.meta.url) })
  return whenStarted(child, 'where it listens', line => jsonOf(line)?.maybeText('address'))
}
