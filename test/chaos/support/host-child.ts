import { readFileSync } from 'node:fs'
import { processShell } from '../../../src/cli/index.js'
import { resolveServeOptions } from '../../../src/cli/serve/resolve.js'
import { runServe } from '../../../src/cli/serve/run.js'
import type { RemoteTiming } from '../../../src/mixer/placements/index.js'

// `outboard serve`, except that names are looked up in a file that a test writes, and that what happens every half
// minute happens sooner.

/** How a test starts it. */
export interface HostStart {
  readonly flags: Readonly<Record<string, string>>
  /** JSON: an object of names and their addresses. */
  readonly names?: string
  readonly timing?: Partial<RemoteTiming>
}

const { flags, names, timing }: HostStart = JSON.parse(process.argv[2] ?? '{}')
const resolver = {
  async resolve(host: string): Promise<readonly string[]> {
    const known: Readonly<Record<string, readonly string[]>> = JSON.parse(readFileSync(names ?? '', 'utf8'))
    const found = known[host]
    if (found === undefined) throw new Error(`nobody knows ${host}`)
    return found
  },
}
process.exitCode = await runServe(
  processShell(),
  resolveServeOptions({ flags, env: {}, settingsFile: undefined }),
  { ...(names !== undefined && { resolver }), ...(timing && { timing }) },
)
